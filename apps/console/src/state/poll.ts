import { type ReadonlySignal, effect, signal } from '@preact/signals';
import { isDenied } from '../api/request-error.ts';

/** What the page knows of something that it asks the server for again and again. */
export type Polled<T> = { readonly name: 'asking' } | { readonly name: 'known'; readonly value: T } | { readonly name: 'away' };

/** Keeps asking while there is something to ask. */
export interface Poll<T> {
  readonly state: ReadonlySignal<Polled<T>>;
  /** Asks now, because something was changed. */
  refresh(): void;
}

const INTERVAL_MS = 1_000;

/**
 * Asks once a second while the page is visible, until the server wants another token.
 * @param questionOf gives what to ask, or undefined for nothing; it runs again when a signal that it reads changes
 */
export function createPoll<T>(questionOf: () => (() => Promise<T>) | undefined): Poll<T> {
  const state = signal<Polled<T>>({ name: 'asking' });
  let question: (() => Promise<T>) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** An answer to a question that was asked before the last change comes too late. */
  let turn = 0;

  async function ask(): Promise<void> {
    clearTimeout(timer);
    const asked = (turn += 1);
    if (!question || document.hidden) return;
    const answer = await question().then(
      (value): Polled<T> => ({ name: 'known', value }),
      (error: unknown): Polled<T> => ({ name: isDenied(error) ? 'asking' : 'away' }),
    );
    if (asked !== turn) return;
    state.value = answer;
    if (answer.name !== 'asking') timer = setTimeout(() => void ask(), INTERVAL_MS);
  }

  effect(() => {
    question = questionOf();
    void ask();
  });
  document.addEventListener('visibilitychange', () => void ask());
  return { state, refresh: () => void ask() };
}
