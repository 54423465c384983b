/**
 * Reads bits from the most significant on. Behind the end it reads zeros and says so in
 * {@link overrun}, so that a parser checks once, at its end.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether more bits were read than there are. */
  get overrun(): boolean {
    return this.#position > this.#bytes.length * 8;
  }

  bit(): number {
    const byte = this.#bytes[this.#position >> 3] ?? 0;
    const bit = (byte >> (7 - (this.#position & 7))) & 1;
    this.#position++;
    return bit;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  /** An unsigned number of up to 32 bits. */
  bits(count: number): number {
    let value = 0;
    for (let index = 0; index < count; index++) value = value * 2 + this.bit();
    return value;
  }

  skip(count: number): void {
    this.#position += count;
  }

  /** `ue(v)` of H.264 and H.265, which AV1 calls `uvlc()`. */
  exponentialGolomb(): number {
    let zeros = 0;
    while (!this.overrun && zeros < 32 && this.bit() === 0) zeros++;
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** `se(v)` of H.264 and H.265. */
  signedExponentialGolomb(): number {
    const code = this.exponentialGolomb();
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2;
  }
}
