import type { Clock } from '../time/clock.ts';

/** Candidates that are found within this time of each other travel together, milliseconds. */
const BATCH_MS = 50;
/** No more than these wait for a server that does not answer. */
const MAX_WAITING = 100;

/** Sends candidates as they are found, several at a time, one request after the other. */
export class Trickle {
  readonly #clock: Clock;
  readonly #send: (candidates: readonly string[]) => Promise<boolean>;
  #waiting: string[] = [];
  #isOpen = false;
  #isSending = false;
  #isOver = false;
  #cancelTimer: (() => void) | undefined;

  /** @param send resolves with false when the server takes none */
  constructor(clock: Clock, send: (candidates: readonly string[]) => Promise<boolean>) {
    this.#clock = clock;
    this.#send = send;
  }

  /** @param candidate as `RTCIceCandidate.candidate` has it; empty = no more come */
  add(candidate: string): void {
    if (this.#isOver || this.#waiting.length >= MAX_WAITING) return;
    this.#waiting.push(candidate);
    this.#arm();
  }

  /** The session is there; what was found before goes first. */
  open(): void {
    this.#isOpen = true;
    if (this.#waiting.length > 0) void this.#flush();
  }

  stop(): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#cancelTimer?.();
  }

  #arm(): void {
    if (!this.#isOpen || this.#isSending || this.#cancelTimer) return;
    this.#cancelTimer = this.#clock.setTimeout(() => void this.#flush(), BATCH_MS);
  }

  async #flush(): Promise<void> {
    this.#cancelTimer = undefined;
    const batch = this.#waiting.splice(0);
    this.#isSending = true;
    // A request that fails is no end: other candidates may get through, and checks of ours too.
    const isTaken = await this.#send(batch).catch(() => true);
    this.#isSending = false;
    if (!isTaken) this.stop();
    else if (this.#waiting.length > 0) this.#arm();
  }
}
