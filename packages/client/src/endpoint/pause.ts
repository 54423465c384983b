import type { Clock } from '../time/clock.ts';

/** A wait that can be ended. */
export class Pause {
  readonly #clock: Clock;
  #end: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves after that many milliseconds, or when it is ended. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimeout(() => this.end(), delayMs);
      this.#end = () => {
        cancel();
        this.#end = () => undefined;
        resolve();
      };
    });
  }

  end(): void {
    this.#end();
  }
}

/** Resolves with the task, or after that many milliseconds without it. */
export async function waitAtMost(clock: Clock, delayMs: number, task: Promise<void>): Promise<void> {
  const pause = new Pause(clock);
  await Promise.race([task, pause.wait(delayMs)]).finally(() => pause.end());
}
