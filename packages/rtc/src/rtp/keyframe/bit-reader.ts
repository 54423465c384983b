const NO_BYTES = new Uint8Array();

/**
 * Reads bits from the most significant on. Behind the end it reads zeros and says so in
 * {@link overrun}, so that a parser checks once, at its end.
 */
export class BitReader {
  #bytes: Uint8Array;
  /** Both in bits. */
  #position = 0;
  #end: number;

  constructor(bytes: Uint8Array = NO_BYTES) {
    this.#bytes = bytes;
    this.#end = bytes.length * 8;
  }

  /** Reads from `bytes`, from `start` up to `end`, from now on; for who reads packet after packet. */
  point(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#position = start * 8;
    this.#end = end * 8;
  }

  /** Whether more bits were read than there are. */
  get overrun(): boolean {
    return this.#position > this.#end;
  }

  bit(): number {
    const byte = this.#position < this.#end ? (this.#bytes[this.#position >> 3] ?? 0) : 0;
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

  /** `ns(n)` of AV1 (section 4.10.7): a number below `count`, which is at least 1. */
  nonSymmetric(count: number): number {
    const width = 32 - Math.clz32(count);
    const short = 2 ** width - count;
    const value = this.bits(width - 1);
    return value < short ? value : value * 2 - short + this.bit();
  }

  /** `se(v)` of H.264 and H.265. */
  signedExponentialGolomb(): number {
    const code = this.exponentialGolomb();
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2;
  }
}
