import { type ReadonlySignal, signal } from '@preact/signals';
import { type Counters, type MediaDirection, type SessionStats, type StatsObject, measure } from '../webrtc/stats.ts';

/** Measures a peer connection once a second. */
export interface StatsSampler {
  readonly stats: ReadonlySignal<SessionStats | undefined>;
  /** Bit/s of the last half minute, oldest first. */
  readonly bitrates: ReadonlySignal<readonly number[]>;
  start(getStats: () => Promise<RTCStatsReport>): void;
  stop(): void;
}

const INTERVAL_MS = 1_000;
/** Values that are kept. */
const HISTORY = 30;

/** Makes a sampler that stands still. */
export function createStatsSampler(direction: MediaDirection): StatsSampler {
  const stats = signal<SessionStats>();
  const bitrates = signal<readonly number[]>([]);
  let previous: Counters | undefined;
  let timer: number | undefined;

  async function sample(getStats: () => Promise<RTCStatsReport>): Promise<void> {
    const objects: StatsObject[] = [];
    (await getStats()).forEach((object: StatsObject) => objects.push(object));
    if (timer === undefined) return;
    const measured = measure(objects, direction, previous);
    previous = measured.counters;
    stats.value = measured.stats;
    const { bitrate } = measured.stats;
    if (bitrate !== undefined) bitrates.value = [...bitrates.value, bitrate].slice(-HISTORY);
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
    previous = undefined;
    stats.value = undefined;
    bitrates.value = [];
  }

  return {
    stats,
    bitrates,
    start(getStats) {
      stop();
      timer = setInterval(() => void sample(getStats), INTERVAL_MS);
    },
    stop,
  };
}
