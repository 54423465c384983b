/**
 * How far `to` lies after `from` on the circle of 16-bit sequence numbers,
 * -32768 to 32767; negative when `to` is the older one.
 */
export function sequenceDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}

/** Whether `a` was sent after `b` (RFC 3550 appendix A.1 compares over half the circle). */
export function isNewerSequence(a: number, b: number): boolean {
  return sequenceDistance(b, a) > 0;
}

/**
 * Turns 16-bit sequence numbers into numbers that do not wrap. The first one stays
 * as it is; later ones are placed within 2^15 of the highest so far. A packet from
 * before the first one may come out negative; its low 16 bits are right all the same.
 */
export class SequenceUnwrapper {
  #highest: number | undefined;

  /** The highest number given out; undefined before the first. */
  get highest(): number | undefined {
    return this.#highest;
  }

  unwrap(sequenceNumber: number): number {
    if (this.#highest === undefined) {
      this.#highest = sequenceNumber;
      return sequenceNumber;
    }
    const unwrapped = this.#highest + sequenceDistance(this.#highest, sequenceNumber);
    if (unwrapped > this.#highest) this.#highest = unwrapped;
    return unwrapped;
  }

  reset(): void {
    this.#highest = undefined;
  }
}
