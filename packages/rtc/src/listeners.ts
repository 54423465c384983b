import type { Logger, Undo } from '@sluice/core';

/** Callbacks of one event. One that throws, or rejects, is logged and does not keep the others from running. */
export class Listeners<A extends readonly unknown[]> {
  readonly #listeners = new Set<(...args: A) => unknown>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get size(): number {
    return this.#listeners.size;
  }

  add(listener: (...args: A) => unknown): Undo {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(...args: A): void {
    for (const listener of this.#listeners) {
      try {
        const result = listener(...args);
        // An async function fits where nothing is to be returned; its rejection would end the process.
        if (result instanceof Promise) result.catch((error: unknown) => this.#log(error));
      } catch (error) {
        this.#log(error);
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }

  #log(error: unknown): void {
    this.#logger.error({ err: error }, 'A listener of the media plane threw; its plugin should catch its errors.');
  }
}
