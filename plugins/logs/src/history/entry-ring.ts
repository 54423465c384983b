/** An entry that is kept. */
export interface KeptEntry {
  /** Grows with each entry, over all systems. */
  readonly seq: number;
  readonly producerId: string;
  /** The entry as JSON. */
  readonly text: string;
  readonly bytes: number;
}

/** Bounds of {@link EntryRing}. */
export interface EntryRingLimits {
  readonly entries: number;
  readonly bytes: number;
}

/** The last entries of one system. */
export class EntryRing {
  readonly #limits: EntryRingLimits;
  #kept: KeptEntry[] = [];
  /** Those before it are gone; they leave the array together. */
  #first = 0;
  #bytes = 0;

  constructor(limits: EntryRingLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#kept.length - this.#first;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): KeptEntry | undefined {
    return this.#kept[this.#first];
  }

  get newest(): KeptEntry | undefined {
    return this.size > 0 ? this.#kept.at(-1) : undefined;
  }

  add(entry: KeptEntry): void {
    this.#kept.push(entry);
    this.#bytes += entry.bytes;
    while (this.size > this.#limits.entries || this.#bytes > this.#limits.bytes) this.#dropOldest();
    if (this.#first < this.size) return;
    this.#kept = this.#kept.slice(this.#first);
    this.#first = 0;
  }

  /** Those behind `after`, of the `last` ones only when that is given, oldest first. */
  list({ after, last = this.size }: { readonly after: number; readonly last?: number | undefined }): readonly KeptEntry[] {
    const start = Math.max(this.#firstBehind(after), this.#kept.length - last);
    return this.#kept.slice(start);
  }

  #dropOldest(): void {
    this.#bytes -= this.#kept[this.#first]?.bytes ?? 0;
    this.#first += 1;
  }

  #firstBehind(seq: number): number {
    let [low, high] = [this.#first, this.#kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#kept[middle]?.seq ?? Infinity) > seq) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
