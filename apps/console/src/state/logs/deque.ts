/** Free places at the front are given back when there are so many. */
const COMPACT_AT = 4_096;

/** A list that grows at its end and shrinks at its front, both at no cost. */
export class Deque<T> {
  #items: T[];
  #start = 0;

  constructor(items: readonly T[] = []) {
    this.#items = [...items];
  }

  get size(): number {
    return this.#items.length - this.#start;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  at(index: number): T | undefined {
    return this.#items[this.#start + index];
  }

  /** Takes so many away from the front. */
  drop(count: number): void {
    this.#start = Math.min(this.#items.length, this.#start + count);
    if (this.#start < COMPACT_AT || this.#start * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }

  /** A copy of those from `start` up to, and without, `end`. */
  slice(start = 0, end = this.size): T[] {
    return this.#items.slice(this.#start + start, this.#start + end);
  }
}
