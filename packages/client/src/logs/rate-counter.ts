const SLOT_MS = 1_000;
const SLOTS = 5;

/** Counts, and tells how much of it there was per second lately. */
export class RateCounter {
  total = 0;
  readonly #slots = new Float64Array(SLOTS);
  #slot = 0;

  /** @param now monotonic, milliseconds */
  add(count: number, now: number): void {
    this.#moveTo(now);
    this.total += count;
    const at = this.#slot % SLOTS;
    this.#slots[at] = (this.#slots[at] ?? 0) + count;
  }

  /** Of the last four full seconds, without the one that has begun. */
  perSecond(now: number): number {
    this.#moveTo(now);
    const begun = this.#slots[this.#slot % SLOTS] ?? 0;
    const sum = this.#slots.reduce((total, count) => total + count, -begun);
    return sum / (SLOTS - 1);
  }

  #moveTo(now: number): void {
    const slot = Math.floor(now / SLOT_MS);
    const passed = Math.min(SLOTS, slot - this.#slot);
    for (let step = 0; step < passed; step += 1) this.#slots[(slot - step) % SLOTS] = 0;
    this.#slot = Math.max(this.#slot, slot);
  }
}
