/** What silence has come to. */
export type Life = 'alive' | 'silent' | 'gone';

/** Bounds of silence, in milliseconds. */
export interface LivenessOptions {
  readonly disconnectedAfterMs: number;
  readonly closedAfterMs: number;
}

/** Judges a peer by the last packet that only it can have made. */
export class Liveness {
  readonly #options: LivenessOptions;
  #lastAt: number;

  /** @param now monotonic milliseconds */
  constructor(options: LivenessOptions, now: number) {
    this.#options = options;
    this.#lastAt = now;
  }

  /** Notes an authenticated packet. */
  touch(now: number): void {
    this.#lastAt = now;
  }

  /** Takes time out of the silence in which we could not have heard anything. */
  forgive(deafMs: number): void {
    this.#lastAt += deafMs;
  }

  check(now: number): Life {
    const silentMs = now - this.#lastAt;
    if (silentMs >= this.#options.closedAfterMs) return 'gone';
    return silentMs >= this.#options.disconnectedAfterMs ? 'silent' : 'alive';
  }
}
