import type { Clock, Undo } from '@sluice/core';

interface Waiting<T> {
  readonly at: number;
  readonly value: T;
}

/** Holds values until their time and gives them out in the order of these times; equal ones as they came. */
export class DelayLine<T> {
  readonly #clock: Clock;
  readonly #deliver: (value: T) => void;
  /** By time. */
  readonly #waiting: Waiting<T>[] = [];
  #timer: { readonly at: number; readonly cancel: Undo } | undefined;

  constructor(clock: Clock, deliver: (value: T) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** @param at monotonic milliseconds; a time that has come delivers before this returns */
  add(value: T, at: number): void {
    const index = this.#waiting.findLastIndex((other) => other.at <= at) + 1;
    this.#waiting.splice(index, 0, { at, value });
    this.#deliverDue();
  }

  clear(): void {
    this.#waiting.length = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #deliverDue(): void {
    const now = this.#clock.monotonic();
    for (let first = this.#waiting[0]; first && first.at <= now; first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#deliver(first.value);
    }
    this.#armTimer(now);
  }

  #armTimer(now: number): void {
    const at = this.#waiting[0]?.at;
    if (at === this.#timer?.at) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (at === undefined) return;
    const onTime = (): void => {
      this.#timer = undefined;
      this.#deliverDue();
    };
    this.#timer = { at, cancel: this.#clock.setTimeout(onTime, at - now) };
  }
}
