import type { Clock, Logger, Undo } from '@sluice/core';
import type { Outbounds } from '../outbound/outbounds.ts';

/** A cluster takes some tens of milliseconds, and its packets must not leave all at once. */
const STEP_MS = 5;

/** Sends probes to its peer. */
export interface Prober {
  /** Sends what is due. @returns whether more is to come */
  sendProbes(now: number): boolean;
}

/** What {@link ProbePacer} takes. */
export interface ProbePacerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly outbounds: Pick<Outbounds, 'flush'>;
}

/** Lets sessions send their probe clusters in small steps; its timer runs only while one of them does. */
export class ProbePacer {
  readonly #options: ProbePacerOptions;
  readonly #probers = new Set<Prober>();
  #cancelTimer: Undo | undefined;

  constructor(options: ProbePacerOptions) {
    this.#options = options;
  }

  /** The prober has sent something and has more. */
  add(prober: Prober): void {
    this.#probers.add(prober);
    this.#cancelTimer ??= this.#options.clock.setTimeout(() => this.#step(), STEP_MS);
  }

  remove(prober: Prober): void {
    this.#probers.delete(prober);
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#probers.clear();
  }

  #step(): void {
    this.#cancelTimer = undefined;
    const { clock, outbounds } = this.#options;
    const now = clock.monotonic();
    for (const prober of this.#probers) {
      if (!this.#stepOne(prober, now)) this.#probers.delete(prober);
    }
    outbounds.flush();
    if (this.#probers.size > 0) this.#cancelTimer = clock.setTimeout(() => this.#step(), STEP_MS);
  }

  /** What one session throws here would end the process, and with it all others. */
  #stepOne(prober: Prober, now: number): boolean {
    try {
      return prober.sendProbes(now);
    } catch (error) {
      this.#options.logger.error({ err: error }, 'A session failed to probe its path');
      return false;
    }
  }
}
