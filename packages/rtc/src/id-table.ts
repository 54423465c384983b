/** Values under small numbers, which are used again once they are free. */
export class IdTable<T> {
  readonly #values: (T | undefined)[] = [];
  readonly #free: number[] = [];

  /** Values in it. */
  get size(): number {
    return this.#values.length - this.#free.length;
  }

  add(value: T): number {
    const id = this.#free.pop() ?? this.#values.length;
    this.#values[id] = value;
    return id;
  }

  get(id: number): T | undefined {
    return this.#values[id];
  }

  *values(): Iterable<T> {
    for (const value of this.#values) if (value !== undefined) yield value;
  }

  /** Idempotent. */
  remove(id: number): void {
    if (this.#values[id] === undefined) return;
    this.#values[id] = undefined;
    this.#free.push(id);
  }

  clear(): void {
    this.#values.length = 0;
    this.#free.length = 0;
  }
}
