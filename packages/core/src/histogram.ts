import type { HistogramSample, MetricLabels } from './metrics.ts';

/** Seconds, from a local function to a slow server. */
export const LATENCY_BUCKETS: readonly number[] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts observations by size, for a {@link MetricFamily} of type histogram. An observation allocates nothing. */
export class Histogram {
  readonly #bounds: readonly number[];
  /** By bucket, smaller ones not included; the last one is for what exceeds every bound. */
  readonly #counts: Float64Array;
  #sum = 0;
  #count = 0;

  /** @param bounds upper bounds in ascending order, in the unit of what is observed */
  constructor(bounds: readonly number[] = LATENCY_BUCKETS) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  get count(): number {
    return this.#count;
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? Infinity)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
    this.#count += 1;
  }

  /** As it is now. */
  sample(labels?: MetricLabels): HistogramSample {
    let count = 0;
    const buckets = this.#bounds.map((le, index) => {
      count += this.#counts[index] ?? 0;
      return { le, count };
    });
    return { labels, buckets, sum: this.#sum, count: this.#count };
  }
}
