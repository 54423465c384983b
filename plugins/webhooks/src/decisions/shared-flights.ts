import { type MediaError, abortError } from '@sluice/core';

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/** Lets those who want the same at the same time wait for one answer. It is given up when all of them have gone. */
export class SharedFlights<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /** Whether the same is on its way already. */
  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /** Joins what is under way for `key`, or begins it. Rejects as soon as the caller's own signal is aborted. */
  join(key: string, signal: AbortSignal, begin: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const flight = this.#flights.get(key) ?? this.#begin(key, begin);
    flight.waiting += 1;
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', onAbort);
        flight.waiting -= 1;
        if (flight.waiting > 0) return;
        this.#end(key, flight);
        flight.controller.abort();
      };
      const onAbort = (): void => {
        leave();
        reject(abortError(signal) satisfies MediaError);
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort);
      flight.result.finally(leave).then(resolve, reject);
    });
  }

  #begin(key: string, begin: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const result = begin(controller.signal);
    const flight = { result, controller, waiting: 0 };
    this.#flights.set(key, flight);
    // Nobody may join what has ended; those who wait are told of the failure themselves.
    result.catch(() => undefined).finally(() => this.#end(key, flight));
    return flight;
  }

  #end(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
