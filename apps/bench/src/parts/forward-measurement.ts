import type { ServerName } from '../servers/names.ts';
import { type Sample, TestBed } from '../test-bed.ts';
import type { PartContext } from './part.ts';

const WARM_UP_SECONDS = 10;
const QUICK_WARM_UP_SECONDS = 2;
/** To all viewers together, so that few viewers warm a server up as many do: code that has run seldom is not compiled yet. */
const WARM_UP_FORWARDED_PER_SECOND = 10_000;
const MAX_WARM_UP_RATE = 3000;
/** Handshakes at a time where only their result counts. */
const CONNECTING_AT_ONCE = 5;

/** Who sends what to whom. */
export interface ForwardCase {
  readonly server: ServerName;
  readonly streams: number;
  /** Of all streams together. */
  readonly viewers: number;
  /** Of each stream. */
  readonly packetsPerSecond: number;
  readonly seconds: number;
}

/** What it cost to forward for some seconds. */
export interface ForwardResult extends ForwardCase {
  /** Of all streams together. */
  readonly published: number;
  /** By all viewers together. */
  readonly received: number;
  readonly retransmitted: number;
  readonly undecipherable: number;
  readonly serverCpuMicros: number;
  readonly serverRssBytes: number;
  /** Of the viewers' processes. */
  readonly viewersCpuMicros: number;
  /** Datagrams that the kernel dropped at a full receive buffer, the server's or a viewer's. */
  readonly bufferErrors: number;
  /** Viewers that send transport-wide feedback, because the server agreed to it. */
  readonly withFeedback: number;
}

/** Publishes at each rate, with the same viewers. */
export async function measureForward(
  context: PartContext,
  setting: Omit<ForwardCase, 'packetsPerSecond' | 'seconds'>,
  rates: readonly number[],
): Promise<ForwardResult[]> {
  await using bed = await TestBed.open({ ...context, ...setting });
  await bed.connectViewers(setting.viewers, CONNECTING_AT_ONCE);
  const results: ForwardResult[] = [];
  for (const packetsPerSecond of rates) {
    await bed.publish(warmUpRate(setting.viewers, packetsPerSecond), context.quick ? QUICK_WARM_UP_SECONDS : WARM_UP_SECONDS);
    results.push(await measureRate(bed, { ...setting, packetsPerSecond, seconds: context.seconds }));
  }
  return results;
}

function warmUpRate(viewers: number, packetsPerSecond: number): number {
  const wanted = Math.round(WARM_UP_FORWARDED_PER_SECOND / viewers);
  return Math.max(packetsPerSecond, Math.min(wanted, MAX_WARM_UP_RATE));
}

/** Publishes once at one rate. */
export async function measureRate(bed: TestBed, forwardCase: ForwardCase): Promise<ForwardResult> {
  const before = await bed.sample();
  const published = await bed.publish(forwardCase.packetsPerSecond, forwardCase.seconds);
  const after = await bed.sample();
  const growth = (name: keyof Sample): number => after[name] - before[name];
  return {
    ...forwardCase,
    published,
    received: growth('received'),
    retransmitted: growth('retransmitted'),
    undecipherable: growth('undecipherable'),
    serverCpuMicros: growth('cpuMicros'),
    serverRssBytes: after.rssBytes,
    viewersCpuMicros: growth('viewerProcessesCpuMicros'),
    bufferErrors: growth('bufferErrors'),
    withFeedback: after.withFeedback,
  };
}

/** Server CPU per packet that reached a viewer; undefined when none did. */
export function cpuMicrosPerPacket({ serverCpuMicros, received }: Pick<ForwardResult, 'serverCpuMicros' | 'received'>): number | undefined {
  return received === 0 ? undefined : serverCpuMicros / received;
}

/** Share of the packets that reached no viewer, 0 to 1. */
export function lossOf({ published, received, viewers, streams }: Pick<ForwardResult, 'published' | 'received' | 'viewers' | 'streams'>): number {
  const expected = (published / streams) * viewers;
  return expected === 0 ? 0 : Math.max(0, (expected - received) / expected);
}
