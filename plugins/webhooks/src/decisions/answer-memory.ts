import { createHash } from 'node:crypto';
import type { Clock } from '@sluice/core';
import { type HookAnswer, refuses } from './answer.ts';

interface Entry {
  readonly answer: HookAnswer;
  /** Monotonic. */
  readonly givenAt: number;
}

/**
 * Answers by question. Of those that allow and of those that refuse each it keeps so many, and the oldest go first: whoever
 * is refused often, with another query each time, pushes out nobody who may enter. Questions are long as their askers
 * like, so it keeps their hashes.
 */
export class AnswerMemory {
  readonly #clock: Clock;
  readonly #maxEntries: number;
  readonly #allowed = new Map<string, Entry>();
  readonly #refused = new Map<string, Entry>();

  constructor(clock: Clock, maxEntries: number) {
    this.#clock = clock;
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#allowed.size + this.#refused.size;
  }

  remember(question: string, answer: HookAnswer): void {
    this.forget(question);
    // Without a ttl a refusal is never used again: not to know is to refuse too.
    if (refuses(answer) && !answer.ttl) return;
    const entries = refuses(answer) ? this.#refused : this.#allowed;
    entries.set(hashOf(question), { answer, givenAt: this.#clock.monotonic() });
    for (const oldest of entries.keys()) {
      if (entries.size <= this.#maxEntries) return;
      entries.delete(oldest);
    }
  }

  forget(question: string): void {
    if (this.size === 0) return;
    const hash = hashOf(question);
    this.#allowed.delete(hash);
    this.#refused.delete(hash);
  }

  /** The answer as long as its `ttl` lasts. */
  fresh(question: string): HookAnswer | undefined {
    const entry = this.#entryOf(question);
    return entry && this.#ageMs(entry) < (entry.answer.ttl ?? 0) * 1000 ? this.#shorten(entry) : undefined;
  }

  /** The answer however old it is, unless what it allowed is over. */
  last(question: string): HookAnswer | undefined {
    const entry = this.#entryOf(question);
    return entry && this.#shorten(entry);
  }

  /** @returns how many it held */
  purge(): number {
    const { size } = this;
    this.#allowed.clear();
    this.#refused.clear();
    return size;
  }

  #entryOf(question: string): Entry | undefined {
    // Most hooks give nothing to remember.
    if (this.size === 0) return undefined;
    const hash = hashOf(question);
    return this.#allowed.get(hash) ?? this.#refused.get(hash);
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

function hashOf(question: string): string {
  return createHash('sha256').update(question).digest('base64');
}
