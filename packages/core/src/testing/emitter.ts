import type { Undo } from '../clock.ts';

/** The listeners of one event of a fake. */
export class Emitter<A extends readonly unknown[]> {
  readonly #listeners = new Set<(...values: A) => void>();

  on(listener: (...values: A) => void): Undo {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(...values: A): void {
    for (const listener of this.#listeners) listener(...values);
  }
}
