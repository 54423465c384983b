const WORD_BITS = 32;

/** Which of the last `size` packet indexes have been seen (RFC 3711 section 3.3.2). */
export class ReplayWindow {
  readonly #size: number;
  /** A ring: the bit of an index is at its remainder by the size. */
  readonly #seen: Uint32Array;
  #highest = -1;

  /** @param size a multiple of 32 */
  constructor(size = 1024) {
    this.#size = size;
    this.#seen = new Uint32Array(size / WORD_BITS);
  }

  /** The highest index added; −1 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /** False for an index that was added before, or is so old that nobody knows. */
  isFresh(index: number): boolean {
    if (index > this.#highest) return true;
    if (index <= this.#highest - this.#size) return false;
    const bit = index % this.#size;
    return ((this.#seen[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0;
  }

  /** Marks a fresh index, once its packet has been authenticated. */
  add(index: number): void {
    if (index > this.#highest) this.#advance(index);
    this.#write(index % this.#size, true);
  }

  /** The bits between were those of indexes that have left the window. */
  #advance(index: number): void {
    if (index - this.#highest >= this.#size) this.#seen.fill(0);
    else for (let skipped = this.#highest + 1; skipped < index; skipped++) this.#write(skipped % this.#size, false);
    this.#highest = index;
  }

  #write(bit: number, seen: boolean): void {
    const word = this.#seen[bit >>> 5] ?? 0;
    const mask = 1 << (bit & 31);
    this.#seen[bit >>> 5] = seen ? word | mask : word & ~mask;
  }
}
