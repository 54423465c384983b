const REFERENCE_MS = 64;

/**
 * Unwraps the reference times of transport-wide feedback, 24 bits of 64 ms: the receiver's clock goes on over the end
 * of its twelve days.
 */
export class ArrivalClock {
  #last: number | undefined;
  #unwrapped = 0;

  /** What to add to the arrivals of a feedback with this reference time, milliseconds. */
  offset(referenceTime: number): number {
    if (this.#last === undefined) this.#unwrapped = referenceTime;
    else this.#unwrapped += ((referenceTime - this.#last) << 8) >> 8;
    this.#last = referenceTime;
    return (this.#unwrapped - referenceTime) * REFERENCE_MS;
  }
}
