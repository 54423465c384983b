import type { Clock } from '@sluice/core';
import type { HookAnswer } from './answer.ts';

interface Entry {
  readonly answer: HookAnswer;
  /** Monotonic. */
  readonly givenAt: number;
}

/** Answers by question. Bounded: the oldest go first. */
export class AnswerMemory {
  readonly #clock: Clock;
  readonly #maxEntries: number;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, maxEntries: number) {
    this.#clock = clock;
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  remember(question: string, answer: HookAnswer): void {
    // Deleted first, so that it becomes the youngest.
    this.#entries.delete(question);
    this.#entries.set(question, { answer, givenAt: this.#clock.monotonic() });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) return;
      this.#entries.delete(oldest);
    }
  }

  forget(question: string): void {
    this.#entries.delete(question);
  }

  /** The answer as long as its `ttl` lasts. */
  fresh(question: string): HookAnswer | undefined {
    const entry = this.#entries.get(question);
    return entry && this.#ageMs(entry) < (entry.answer.ttl ?? 0) * 1000 ? this.#shorten(entry) : undefined;
  }

  /** The answer however old it is, unless what it allowed is over. */
  last(question: string): HookAnswer | undefined {
    const entry = this.#entries.get(question);
    return entry && this.#shorten(entry);
  }

  /** @returns how many it held */
  purge(): number {
    const { size } = this.#entries;
    this.#entries.clear();
    return size;
  }

  /** A lifetime counts from when it was given, not from when it is used again. */
  #shorten(entry: Entry): HookAnswer | undefined {
    const { answer } = entry;
    if (!answer.lifetime) return answer;
    const lifetime = answer.lifetime - this.#ageMs(entry);
    return lifetime > 0 ? { ...answer, lifetime } : undefined;
  }

  #ageMs({ givenAt }: Entry): number {
    return this.#clock.monotonic() - givenAt;
  }
}
