const SMOOTHING = 0.8;
/** Feedback waits at the receiver; the least of this window waited least. */
const WINDOW_MS = 5000;
const REPORT_VALID_MS = 10_000;

/** The round trip to one viewer: by receiver reports, or else by the quickest transport-wide feedback. Milliseconds. */
export class RoundTrip {
  #reported: number | undefined;
  #reportedAt = 0;
  #least: number | undefined;
  #leastAt = 0;
  #value: number | undefined;

  /** Undefined while nothing is known. */
  get value(): number | undefined {
    return this.#value;
  }

  onReport(roundTripMs: number, now: number): void {
    this.#reported = this.#reported === undefined ? roundTripMs : SMOOTHING * this.#reported + (1 - SMOOTHING) * roundTripMs;
    this.#reportedAt = now;
    this.#value = this.#reported;
  }

  /** @param age of the newest packet that a feedback says has arrived */
  onFeedback(age: number, now: number): void {
    if (this.#least === undefined || age <= this.#least || now - this.#leastAt > WINDOW_MS) {
      this.#least = age;
      this.#leastAt = now;
    }
    if (this.#reported === undefined || now - this.#reportedAt > REPORT_VALID_MS) this.#value = this.#least;
  }
}
