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
  /** As long as the ring has ever been; then slots are used again. */
  readonly #slots: (KeptEntry | undefined)[] = [];
  #first = 0;
  #size = 0;
  #bytes = 0;

  constructor(limits: EntryRingLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): KeptEntry | undefined {
    return this.#at(0);
  }

  get newest(): KeptEntry | undefined {
    return this.#size > 0 ? this.#at(this.#size - 1) : undefined;
  }

  add(entry: KeptEntry): void {
    if (this.#size === this.#limits.entries) this.#dropOldest();
    this.#slots[this.#slotOf(this.#size)] = entry;
    this.#size += 1;
    this.#bytes += entry.bytes;
    while (this.#bytes > this.#limits.bytes) this.#dropOldest();
  }

  /** Those behind `after`, of the `last` ones only when that is given, oldest first. */
  list({ after, last = this.#size }: { readonly after: number; readonly last?: number | undefined }): readonly KeptEntry[] {
    const start = Math.max(this.#firstBehind(after), this.#size - last);
    return Array.from({ length: this.#size - start }, (_, index) => this.#at(start + index)).filter((entry) => entry !== undefined);
  }

  #at(index: number): KeptEntry | undefined {
    return this.#slots[this.#slotOf(index)];
  }

  #slotOf(index: number): number {
    return (this.#first + index) % this.#limits.entries;
  }

  #dropOldest(): void {
    this.#bytes -= this.oldest?.bytes ?? 0;
    this.#slots[this.#first] = undefined;
    this.#first = this.#slotOf(1);
    this.#size -= 1;
  }

  #firstBehind(seq: number): number {
    let [low, high] = [0, this.#size];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#at(middle)?.seq ?? Infinity) > seq) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
