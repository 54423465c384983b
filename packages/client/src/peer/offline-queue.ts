import type { Clock } from '../time/clock.ts';

/** Bounds of an `OfflineQueue`. */
export interface OfflineQueueOptions {
  /** Messages that wait at most; the oldest goes for a new one. Default 100; 0 keeps none. */
  readonly maxMessages?: number | undefined;
  /** Older ones are not sent any more, milliseconds: a click of a minute ago would hit something else. Default 5,000. */
  readonly maxAgeMs?: number | undefined;
}

/** Messages that wait for a connection. */
export class OfflineQueue {
  /** Messages that will never be sent. */
  dropped = 0;
  readonly #maxMessages: number;
  readonly #maxAgeMs: number;
  readonly #clock: Clock;
  #waiting: { readonly text: string; readonly at: number }[] = [];

  constructor(clock: Clock, { maxMessages = 100, maxAgeMs = 5_000 }: OfflineQueueOptions = {}) {
    this.#clock = clock;
    this.#maxMessages = maxMessages;
    this.#maxAgeMs = maxAgeMs;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(text: string): void {
    this.#waiting.push({ text, at: this.#clock.monotonic() });
    while (this.#waiting.length > this.#maxMessages) {
      this.#waiting.shift();
      this.dropped += 1;
    }
  }

  /** Sends what waits, in order, until one cannot be sent. */
  flush(send: (text: string) => boolean): void {
    const oldest = this.#clock.monotonic() - this.#maxAgeMs;
    const fresh = this.#waiting.filter(({ at }) => at >= oldest);
    this.dropped += this.#waiting.length - fresh.length;
    const sent = fresh.findIndex(({ text }) => !send(text));
    this.#waiting = sent === -1 ? [] : fresh.slice(sent);
  }
}
