import type { Clock } from '../time/clock.ts';
import { type EndpointStats, type StatsCounters, type StatsObject, measure } from './stats.ts';

/** Measures a connection at intervals, while there is one. */
export class StatsSampler {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #onStats: (stats: EndpointStats) => void;
  #run: { readonly getStats: () => Promise<RTCStatsReport>; previous: StatsCounters | undefined; cancel: () => void } | undefined;

  constructor(clock: Clock, intervalMs: number, onStats: (stats: EndpointStats) => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#onStats = onStats;
  }

  /** Measures another connection; the first rates come after an interval. */
  start(getStats: () => Promise<RTCStatsReport>): void {
    this.stop();
    this.#run = { getStats, previous: undefined, cancel: () => undefined };
    void this.#sample();
  }

  stop(): void {
    this.#run?.cancel();
    this.#run = undefined;
  }

  async #sample(): Promise<void> {
    const run = this.#run;
    if (!run) return;
    const objects: StatsObject[] = [];
    const report = await run.getStats().catch(() => undefined);
    if (this.#run !== run) return;
    report?.forEach((object: StatsObject) => objects.push(object));
    const { stats, counters } = measure(objects, run.previous, this.#clock.now());
    if (run.previous) this.#onStats(stats);
    run.previous = counters;
    run.cancel = this.#clock.setTimeout(() => void this.#sample(), this.#intervalMs);
  }
}
