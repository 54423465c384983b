const OVERUSE_WEIGHT = 0.05;
const PROBE_WEIGHT = 0.5;
const MIN_DEVIATION = 0.4;
const MAX_DEVIATION = 2.5;
const SIGMAS = 3;

/** The throughput at which the path was full the last times: near it the rate grows slowly (draft-ietf-rmcat-gcc-02 section 5.5). */
export class LinkCapacity {
  #kbps: number | undefined;
  /** Variance over the mean. */
  #deviation = MIN_DEVIATION;

  /** Bit/s; undefined while nothing is known. */
  get value(): number | undefined {
    return this.#kbps === undefined ? undefined : this.#kbps * 1000;
  }

  onOveruse(throughput: number): void {
    this.#add(throughput, OVERUSE_WEIGHT);
  }

  onProbe(throughput: number): void {
    this.#add(throughput, PROBE_WEIGHT);
  }

  /** Whether `throughput` lies too far above what was known for it to hold still. */
  isExceededBy(throughput: number): boolean {
    return this.#kbps !== undefined && throughput / 1000 > this.#kbps + this.#margin();
  }

  isMissedBy(throughput: number): boolean {
    return this.#kbps !== undefined && throughput / 1000 < this.#kbps - this.#margin();
  }

  forget(): void {
    this.#kbps = undefined;
  }

  #margin(): number {
    return SIGMAS * Math.sqrt(this.#deviation * (this.#kbps ?? 0));
  }

  #add(throughput: number, weight: number): void {
    const sample = throughput / 1000;
    const estimate = (1 - weight) * (this.#kbps ?? sample) + weight * sample;
    const error = estimate - sample;
    const deviation = (1 - weight) * this.#deviation + (weight * error * error) / Math.max(estimate, 1);
    this.#kbps = estimate;
    this.#deviation = Math.min(Math.max(deviation, MIN_DEVIATION), MAX_DEVIATION);
  }
}
