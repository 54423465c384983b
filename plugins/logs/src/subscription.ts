/** Which producers a consumer wants: all, all but some, or some only. */
export class Subscription {
  /** Ids that it may name. */
  readonly maxIds: number;
  #isAll = true;
  /** Those that are left out of all, or else those that are wanted. */
  #ids = new Set<string>();

  constructor(maxIds: number) {
    this.maxIds = maxIds;
  }

  has(id: string): boolean {
    return this.#ids.has(id) !== this.#isAll;
  }

  /** All, also those to come. */
  addAll(): void {
    this.#become(true, new Set());
  }

  /**
   * A consumer that had all has only these afterwards.
   * @returns false, and changes nothing, when they would be too many
   */
  add(ids: readonly string[]): boolean {
    return this.#become(false, new Set([...(this.#isAll ? [] : this.#ids), ...ids]));
  }

  removeAll(): void {
    this.#become(false, new Set());
  }

  /** @returns false, and changes nothing, when there would be too many that are left out */
  remove(ids: readonly string[]): boolean {
    if (this.#isAll) return this.#become(true, new Set([...this.#ids, ...ids]));
    const removed = new Set(ids);
    return this.#become(false, new Set([...this.#ids].filter((id) => !removed.has(id))));
  }

  /** As a consumer is told it. */
  toJSON(): { readonly all: boolean; readonly producers: readonly string[] } | { readonly all: boolean; readonly except: readonly string[] } {
    const ids = [...this.#ids];
    return this.#isAll ? { all: true, except: ids } : { all: false, producers: ids };
  }

  #become(isAll: boolean, ids: Set<string>): boolean {
    if (ids.size > this.maxIds) return false;
    this.#isAll = isAll;
    this.#ids = ids;
    return true;
  }
}

/** Longest id that is looked at; registered ones are shorter. */
const MAX_ID_LENGTH = 128;

/** Whether it is a list of ids, of clients that need not be there. */
export function isIdList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((id) => typeof id === 'string' && id.length <= MAX_ID_LENGTH);
}
