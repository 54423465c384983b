import type { Clock } from '../time/clock.ts';
import { SignallingError } from '../whip-whep/signalling-error.ts';

/** What {@link Interruption} takes. */
export interface InterruptionOptions {
  readonly clock: Clock;
  /** From its begin until ICE is restarted, and between two attempts at it, milliseconds. */
  readonly restartAfterMs: number;
  /** From its begin, or from a restart, milliseconds. */
  readonly giveUpAfterMs: number;
  /** Resolves with false when the session cannot. */
  readonly restart: () => Promise<boolean>;
  readonly giveUp: () => void;
}

/** What is done while media does not flow: ICE is restarted, and the connection given up when that does not help in time. */
export class Interruption {
  readonly #options: InterruptionOptions;
  #isOpen = false;
  #isRestarting = false;
  #cancelRestart: (() => void) | undefined;
  #cancelGiveUp: (() => void) | undefined;

  constructor(options: InterruptionOptions) {
    this.#options = options;
  }

  begin(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#armGiveUp();
    this.#armRestart();
  }

  /** Media flows again, or the connection is over. */
  end(): void {
    this.#isOpen = false;
    this.#cancelRestart?.();
    this.#cancelGiveUp?.();
  }

  /** There is reason to think that a restart would help now. */
  hurry(): void {
    if (this.#isOpen) void this.#restart();
  }

  #armRestart(): void {
    const { clock, restartAfterMs } = this.#options;
    this.#cancelRestart?.();
    this.#cancelRestart = clock.setTimeout(() => void this.#restart(), restartAfterMs);
  }

  #armGiveUp(): void {
    const { clock, giveUpAfterMs } = this.#options;
    this.#cancelGiveUp?.();
    this.#cancelGiveUp = clock.setTimeout(() => this.#giveUp(), giveUpAfterMs);
  }

  #giveUp(): void {
    this.end();
    this.#options.giveUp();
  }

  async #restart(): Promise<void> {
    if (this.#isRestarting) return;
    this.#isRestarting = true;
    this.#cancelRestart?.();
    try {
      const isRestarted = await this.#options.restart();
      if (isRestarted && this.#isOpen) this.#armGiveUp();
    } catch (error) {
      if (!this.#isOpen) return;
      // A server that has no such session will have none later either.
      if (isGone(error)) this.#giveUp();
      else this.#armRestart();
    } finally {
      this.#isRestarting = false;
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof SignallingError && (error.status === 404 || error.status === 410);
}
