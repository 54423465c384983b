import { setTimeout as sleep } from 'node:timers/promises';
import { FRAMES_PER_SECOND, packetsBefore } from './frames.ts';

/** libwebrtc's pacer sends in bursts of this length too. */
const TICK_MS = 5;
/** After a stall of this process at most so much is caught up, or the burst would overrun every buffer. */
const MAX_CATCH_UP_MS = 50;

/** `frames` sends all packets of a frame when it is due, as Chromium does; `even` spreads packets over the whole time, which batches worst. */
export const PACINGS = ['frames', 'even'] as const;
export type Pacing = (typeof PACINGS)[number];

/** What sends the packets of one stream. */
export interface PacedStream {
  startSequence(): void;
  sendPacket(index: number, packetsPerSecond: number): void;
}

/**
 * Sends all streams in real time, out of step with each other.
 * @returns packets sent by each, about `packetsPerSecond * seconds`
 */
export async function pace(streams: readonly PacedStream[], packetsPerSecond: number, seconds: number, pacing: Pacing): Promise<number[]> {
  const perMs = packetsPerSecond / 1000;
  const total = Math.round(packetsPerSecond * seconds);
  const lanes = streams.map((stream, index) => ({ stream, lead: index / streams.length, sent: 0, skipped: 0 }));
  const startedAt = performance.now();
  for (const { stream } of lanes) stream.startSequence();
  while (lanes.some(({ sent, skipped }) => sent + skipped < total)) {
    const elapsed = performance.now() - startedAt;
    for (const lane of lanes) {
      const due = Math.min(total, duePackets(elapsed + lane.lead / perMs, packetsPerSecond, pacing));
      const overdue = due - lane.sent - lane.skipped - Math.ceil(MAX_CATCH_UP_MS * perMs);
      if (overdue > 0) lane.skipped += overdue;
      while (lane.sent + lane.skipped < due) lane.stream.sendPacket(lane.sent++, packetsPerSecond);
    }
    await sleep(TICK_MS);
  }
  return lanes.map(({ sent }) => sent);
}

/** How many packets are to be sent in so many milliseconds. */
export function duePackets(elapsedMs: number, packetsPerSecond: number, pacing: Pacing): number {
  if (pacing === 'even') return Math.floor((elapsedMs * packetsPerSecond) / 1000);
  return packetsBefore(Math.floor((elapsedMs * FRAMES_PER_SECOND) / 1000) + 1, packetsPerSecond);
}
