import type { Logger, Undo } from '@sluice/core';

/** Callbacks of one event. One that throws is logged and does not keep the others from running. */
export class Listeners<A extends readonly unknown[]> {
  readonly #listeners = new Set<(...args: A) => void>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get size(): number {
    return this.#listeners.size;
  }

  add(listener: (...args: A) => void): Undo {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(...args: A): void {
    for (const listener of this.#listeners) {
      try {
        listener(...args);
      } catch (error) {
        this.#logger.error({ error }, 'A listener of the media plane threw; its plugin should catch its errors.');
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
