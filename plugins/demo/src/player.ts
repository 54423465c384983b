import type { Clock, LocalTrack, Undo } from '@sluice/core';
import type { Clip, ClipFrame } from './clip.ts';
import { OPUS_CLOCK_RATE } from './opus.ts';
import { VP8_CLOCK_RATE, packetizeVp8 } from './vp8.ts';

/** Leaves room for the RTP header, its extensions and the SRTP tag in a datagram of 1,200 bytes. */
const MAX_PAYLOAD_BYTES = 1_140;

/** Later than this, frames are skipped instead of sent in a burst. */
const MAX_LAG_MS = 250;

/** RTP timestamps wrap at 32 bits (RFC 3550 section 5.1). */
const TIMESTAMP_RANGE = 2 ** 32;

/** What {@link playInLoop} takes. */
export interface LoopOptions {
  readonly clip: Clip;
  readonly clock: Clock;
  readonly video: LocalTrack;
  readonly audio: LocalTrack;
}

/** Plays a clip into two tracks, again and again, until the returned function is called. */
export function playInLoop({ clip, clock, video, audio }: LoopOptions): Undo {
  const startedAt = clock.monotonic();
  let loop = 0;
  let index = 0;
  let pictureId = 0;
  let cancelTimer: Undo | undefined;

  function tick(): void {
    const elapsedMs = clock.monotonic() - startedAt;
    if (elapsedMs - dueMs() > MAX_LAG_MS) skipTo(elapsedMs);
    while (dueMs() <= elapsedMs) {
      send(clip.frames[index]);
      advance();
    }
    // Counted from the start, so that late timers do not add up.
    cancelTimer = clock.setTimeout(tick, Math.max(0, startedAt + dueMs() - clock.monotonic()));
  }

  function dueMs(): number {
    return loop * clip.durationMs + (clip.frames[index]?.atMs ?? 0);
  }

  function advance(): void {
    index += 1;
    if (index < clip.frames.length) return;
    index = 0;
    loop += 1;
  }

  /** Goes on at the first keyframe that is not yet due: nothing before it could be decoded. */
  function skipTo(elapsedMs: number): void {
    loop = Math.floor(elapsedMs / clip.durationMs);
    const atMs = elapsedMs - loop * clip.durationMs;
    index = clip.frames.findIndex((frame) => frame.keyframe && frame.atMs >= atMs);
    if (index !== -1) return;
    index = 0;
    loop += 1;
  }

  function send(frame: ClipFrame | undefined): void {
    if (frame === undefined) return;
    if (frame.kind === 'audio') {
      // One opus packet per payload, no header of its own (RFC 7587 section 4.2).
      audio.write({ payload: frame.data, timestamp: timestampOf(frame, OPUS_CLOCK_RATE), marker: false });
      return;
    }
    const payloads = packetizeVp8(frame.data, pictureId, MAX_PAYLOAD_BYTES);
    const timestamp = timestampOf(frame, VP8_CLOCK_RATE);
    payloads.forEach((payload, at) => video.write({ payload, timestamp, marker: at === payloads.length - 1 }));
    pictureId += 1;
  }

  function timestampOf(frame: ClipFrame, clockRate: number): number {
    const loopTicks = Math.round((loop * clip.durationMs * clockRate) / 1000);
    return (loopTicks + frame.timestamp) % TIMESTAMP_RANGE;
  }

  tick();
  return () => cancelTimer?.();
}
