/** A function that gets what an event carries. */
export type Listener<T> = (event: T) => void;

/**
 * Listeners by the name of the event.
 *
 * @typeParam Events what each event carries, by its name
 */
export class Emitter<Events extends object> {
  /** What runs for each listener. */
  #listeners: { [K in keyof Events]?: Map<Listener<Events[K]>, Listener<Events[K]>> } = {};

  /** Adds a listener and returns what takes it away. The same function added twice runs once. */
  on<K extends keyof Events>(name: K, listener: Listener<Events[K]>): () => void {
    return this.#add(name, listener, listener);
  }

  /** Like {@link on}, for the next such event only. */
  once<K extends keyof Events>(name: K, listener: Listener<Events[K]>): () => void {
    return this.#add(name, listener, (event) => {
      this.off(name, listener);
      listener(event);
    });
  }

  /** Takes a listener away, also one for the next event only. */
  off<K extends keyof Events>(name: K, listener: Listener<Events[K]>): void {
    this.#listeners[name]?.delete(listener);
  }

  /** Runs the listeners that are there now. One that throws does not keep the others from running; its error is reported as uncaught, as EventTarget does. */
  emit<K extends keyof Events>(name: K, event: Events[K]): void {
    for (const listener of new Set(this.#listeners[name]?.values())) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #add<K extends keyof Events>(name: K, listener: Listener<Events[K]>, run: Listener<Events[K]>): () => void {
    this.#listeners[name] ??= new Map();
    this.#listeners[name].set(listener, run);
    return () => this.off(name, listener);
  }

  /** Takes all listeners away. */
  clear(): void {
    this.#listeners = {};
  }
}
