/** What reports say holds for so long before the answers to NACKs count again. */
const REPORT_VALID_MS = 5000;
/** Weights of a new sample (RFC 6298 section 2). */
const MEAN_WEIGHT = 1 / 8;
const VARIATION_WEIGHT = 1 / 4;
const MIN_MARGIN_MS = 5;
/** A path has no longer round trip than this; what says so is a clock that jumped. */
const MAX_ROUND_TRIP_MS = 10_000;

/**
 * The round trip to one peer, smoothed. RTCP reports give it exactly; where the peer sends none that do, the time in which
 * it answers NACKs does. All values are milliseconds.
 */
export class RoundTrip {
  #mean: number | undefined;
  #variation = 0;
  #reportedAt: number | undefined;

  /** Undefined before the first measurement. */
  get ms(): number | undefined {
    return this.#mean;
  }

  /** For how long an answer may still come without being late; undefined before the first measurement. */
  get patienceMs(): number | undefined {
    return this.#mean === undefined ? undefined : this.#mean + Math.max(MIN_MARGIN_MS, 2 * this.#variation);
  }

  /** Takes what a report block or a DLRR block gives. */
  onReport(sampleMs: number, now: number): void {
    // The first report replaces what answers to NACKs, which contain the peer's pacing, have made of it.
    if (this.#reportedAt === undefined) this.#mean = undefined;
    this.#reportedAt = now;
    this.#add(sampleMs);
  }

  /** Takes how long the answer to a NACK took that was sent once (a second request would make it ambiguous). */
  onAnswer(sampleMs: number, now: number): void {
    if (this.#reportedAt === undefined || now - this.#reportedAt > REPORT_VALID_MS) this.#add(sampleMs);
  }

  #add(sampleMs: number): void {
    if (!(sampleMs >= 0 && sampleMs <= MAX_ROUND_TRIP_MS)) return;
    if (this.#mean === undefined) {
      this.#mean = sampleMs;
      this.#variation = sampleMs / 2;
      return;
    }
    const error = sampleMs - this.#mean;
    this.#mean += MEAN_WEIGHT * error;
    this.#variation += VARIATION_WEIGHT * (Math.abs(error) - this.#variation);
  }
}
