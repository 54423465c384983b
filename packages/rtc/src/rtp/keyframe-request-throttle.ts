import type { Clock, Undo } from '@sluice/core';

export interface KeyframeRequestThrottleOptions {
  readonly clock: Clock;
  /** Sends the PLI or FIR. */
  readonly send: () => void;
  /** Least time between two requests that are sent, milliseconds. */
  readonly intervalMs: number;
}

/**
 * Folds the keyframe requests of many viewers: the first is sent at once, those that
 * follow within the interval become one at its end.
 */
export class KeyframeRequestThrottle {
  readonly #clock: Clock;
  readonly #send: () => void;
  readonly #intervalMs: number;
  #cancelTimer: Undo | undefined;
  #pending = false;
  #closed = false;
  #requested = 0;
  #sent = 0;

  constructor(options: KeyframeRequestThrottleOptions) {
    this.#clock = options.clock;
    this.#send = options.send;
    this.#intervalMs = options.intervalMs;
  }

  get requested(): number {
    return this.#requested;
  }

  get sent(): number {
    return this.#sent;
  }

  request(): void {
    if (this.#closed) return;
    this.#requested++;
    if (this.#cancelTimer) this.#pending = true;
    else this.#sendNow();
  }

  /** A keyframe has come: a request that still waits is answered by it. */
  onKeyframe(): void {
    this.#pending = false;
  }

  /** Idempotent. Nothing is sent afterwards. */
  close(): void {
    this.#closed = true;
    this.#pending = false;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #sendNow(): void {
    this.#sent++;
    this.#cancelTimer = this.#clock.setTimeout(() => this.#onIntervalEnd(), this.#intervalMs);
    this.#send();
  }

  #onIntervalEnd(): void {
    this.#cancelTimer = undefined;
    if (!this.#pending) return;
    this.#pending = false;
    this.#sendNow();
  }
}
