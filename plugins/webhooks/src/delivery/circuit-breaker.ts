import type { Clock } from '@sluice/core';

/** `open` = nothing is sent; `half-open` = one message tries whether the target is back. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** A message that may be sent; exactly one of the three is called at its end. */
export interface Permit {
  succeeded(): void;
  failed(): void;
  /** Given up by us, so it says nothing about the target. */
  released(): void;
}

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open, milliseconds. */
  readonly openMs: number;
}

/** Keeps a target that is down from costing every session its timeout, and from being flooded when it comes back. */
export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #options: BreakerOptions;
  #failures = 0;
  /** Monotonic; undefined = closed. */
  #openUntil: number | undefined;
  #probing = false;

  constructor(clock: Clock, options: BreakerOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  get state(): BreakerState {
    if (this.#openUntil === undefined) return 'closed';
    return this.msUntilProbe > 0 ? 'open' : 'half-open';
  }

  /** 0 when it is not open. */
  get msUntilProbe(): number {
    return Math.max(0, (this.#openUntil ?? 0) - this.#clock.monotonic());
  }

  /** @returns undefined when nothing may be sent now */
  tryPass(): Permit | undefined {
    const { state } = this;
    if (state === 'open' || (state === 'half-open' && this.#probing)) return undefined;
    const isProbe = state === 'half-open';
    if (isProbe) this.#probing = true;
    return {
      succeeded: () => this.#close(isProbe),
      failed: () => this.#fail(isProbe),
      released: () => this.#endProbe(isProbe),
    };
  }

  /** Lets the next message try, however long it has been open. */
  probeNow(): void {
    if (this.#openUntil !== undefined) this.#openUntil = this.#clock.monotonic();
  }

  #close(isProbe: boolean): void {
    this.#endProbe(isProbe);
    // Of a message sent before it opened: what the probe finds counts.
    if (this.#openUntil !== undefined && !isProbe) return;
    this.#failures = 0;
    this.#openUntil = undefined;
  }

  #fail(isProbe: boolean): void {
    this.#endProbe(isProbe);
    this.#failures += 1;
    if (isProbe || (this.#openUntil === undefined && this.#failures >= this.#options.failures)) {
      this.#openUntil = this.#clock.monotonic() + this.#options.openMs;
    }
  }

  #endProbe(isProbe: boolean): void {
    if (isProbe) this.#probing = false;
  }
}
