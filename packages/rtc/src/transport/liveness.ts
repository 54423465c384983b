/** What silence has come to; a quiet peer may have nothing to say, so it is asked. */
export type Life = 'alive' | 'quiet' | 'silent' | 'gone';

/** The part of `disconnectedAfterMs` after which a peer is quiet: what is left of it is time for an answer. */
const QUIET_PART = 2 / 3;

/** Who has said goodbye and answers no question for so long has left, milliseconds. */
const GOODBYE_MS = 1500;

/** Bounds of silence, in milliseconds. */
export interface LivenessOptions {
  readonly disconnectedAfterMs: number;
  readonly closedAfterMs: number;
}

/** Judges a peer by the last packet that only it can have made. */
export class Liveness {
  readonly #options: LivenessOptions;
  #lastAt: number;
  #saidGoodbye = false;

  /** @param now monotonic milliseconds */
  constructor(options: LivenessOptions, now: number) {
    this.#options = options;
    this.#lastAt = now;
  }

  /** Notes an authenticated packet. */
  touch(now: number): void {
    this.#lastAt = now;
    this.#saidGoodbye = false;
  }

  /** The peer has taken leave; a sign of life takes that back. */
  goodbye(): void {
    this.#saidGoodbye = true;
  }

  get saidGoodbye(): boolean {
    return this.#saidGoodbye;
  }

  /** Takes time out of the silence in which we could not have heard anything. */
  forgive(deafMs: number): void {
    this.#lastAt += deafMs;
  }

  check(now: number): Life {
    const silentMs = now - this.#lastAt;
    if (silentMs >= this.#options.closedAfterMs || (this.#saidGoodbye && silentMs >= GOODBYE_MS)) return 'gone';
    if (silentMs >= this.#options.disconnectedAfterMs) return 'silent';
    if (this.#saidGoodbye) return 'quiet';
    return silentMs >= this.#options.disconnectedAfterMs * QUIET_PART ? 'quiet' : 'alive';
  }
}
