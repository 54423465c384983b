import type { ErrorCode } from './errors.ts';
import { Histogram } from './histogram.ts';
import type { HistogramSample } from './metrics.ts';

/** What became of negotiations since the manager was made. */
export interface NegotiationStats {
  /** Requests that got no session, by the code of their error. */
  readonly refused: Readonly<Partial<Record<ErrorCode, number>>>;
  /** From the request to its answer or refusal, seconds; the wait for a missing stream is in it. */
  readonly durations: HistogramSample;
}

/** Counts negotiations. */
export class NegotiationStatistics {
  readonly #refused: Partial<Record<ErrorCode, number>> = {};
  readonly #durations = new Histogram();

  countRefusal(code: ErrorCode): void {
    this.#refused[code] = (this.#refused[code] ?? 0) + 1;
  }

  observe(milliseconds: number): void {
    this.#durations.observe(milliseconds / 1_000);
  }

  get stats(): NegotiationStats {
    return { refused: { ...this.#refused }, durations: this.#durations.sample() };
  }
}
