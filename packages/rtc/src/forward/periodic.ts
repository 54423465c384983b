/** Says when something that repeats is due; driven by somebody else's clock tick. */
export class Periodic {
  intervalMs: number;
  #lastAt: number;

  /** @param now monotonic milliseconds; the first time is one interval later */
  constructor(intervalMs: number, now: number) {
    this.intervalMs = intervalMs;
    this.#lastAt = now;
  }

  due(now: number): boolean {
    if (now - this.#lastAt < this.intervalMs) return false;
    this.#lastAt = now;
    return true;
  }
}
