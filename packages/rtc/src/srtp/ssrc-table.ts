interface Entry<T> {
  readonly value: T;
  usedAt: number;
}

/**
 * State per SSRC, at most `maxEntries`: the least recently used makes room. Entries
 * are set for authenticated packets only, so without the keys nobody can drive state out.
 */
export class SsrcTable<T> {
  readonly #maxEntries: number;
  readonly #entries = new Map<number, Entry<T>>();
  #uses = 0;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(ssrc: number): T | undefined {
    return this.#entries.get(ssrc)?.value;
  }

  /** Adds the state, or counts as a use of it. */
  set(ssrc: number, value: T): void {
    const entry = this.#entries.get(ssrc);
    if (entry?.value === value) {
      entry.usedAt = ++this.#uses;
      return;
    }
    if (!entry && this.#entries.size >= this.#maxEntries) this.#evict();
    this.#entries.set(ssrc, { value, usedAt: ++this.#uses });
  }

  #evict(): void {
    let oldest: readonly [ssrc: number, usedAt: number] | undefined;
    for (const [ssrc, { usedAt }] of this.#entries) if (!oldest || usedAt < oldest[1]) oldest = [ssrc, usedAt];
    if (oldest) this.#entries.delete(oldest[0]);
  }
}
