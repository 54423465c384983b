/** So much at once, bytes or requests, refilled steadily. */
export class Budget {
  readonly #perSecond: number;
  #left: number;
  #refilledAt: number;

  /** @param now monotonic milliseconds, as in {@link hasSome} */
  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
    this.#refilledAt = now;
  }

  hasSome(now: number): boolean {
    this.#left = Math.min(this.#perSecond, this.#left + ((now - this.#refilledAt) * this.#perSecond) / 1_000);
    this.#refilledAt = now;
    return this.#left > 0;
  }

  /** What is spent beyond has to be refilled first. */
  spend(amount: number): void {
    this.#left -= amount;
  }
}
