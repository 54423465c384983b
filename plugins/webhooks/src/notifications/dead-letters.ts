import type { Letter } from './letter.ts';

/** A letter that was given up. */
export interface FailedLetter {
  readonly letter: Letter;
  /** Wall clock, milliseconds. */
  readonly failedAt: number;
  readonly attempts: number;
  readonly reason: string;
}

/** Letters that were given up, for a replay. Bounded: the oldest are forgotten. */
export class DeadLetters {
  maxLetters: number;
  readonly #letters = new Map<string, FailedLetter>();
  #forgotten = 0;

  constructor(maxLetters: number) {
    this.maxLetters = maxLetters;
  }

  get size(): number {
    return this.#letters.size;
  }

  /** Those that were forgotten because there were too many. */
  get forgotten(): number {
    return this.#forgotten;
  }

  add(failed: FailedLetter): void {
    this.#letters.set(failed.letter.id, failed);
    for (const oldest of this.#letters.keys()) {
      if (this.#letters.size <= this.maxLetters) return;
      this.#letters.delete(oldest);
      this.#forgotten += 1;
    }
  }

  /** The oldest first. */
  list(): readonly FailedLetter[] {
    return [...this.#letters.values()];
  }

  /** Takes out the letter of this id, or all of them, the oldest first; no more than `limit`. */
  take(limit: number, id?: string): readonly Letter[] {
    const taken = this.list().filter(({ letter }) => id === undefined || letter.id === id).slice(0, limit);
    for (const { letter } of taken) this.#letters.delete(letter.id);
    return taken.map(({ letter }) => letter);
  }
}
