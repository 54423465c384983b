import { type Random, seededRandom } from './seeded-random.ts';
import type { CompleteImpairment } from './link-impairment.ts';

/** What chance decides about one packet. */
export interface PacketFate {
  readonly isLost: boolean;
  readonly isHeldBack: boolean;
  readonly isDoubled: boolean;
  /** Share of the jitter that it gets, 0 to 1. */
  readonly jitter: number;
}

/**
 * Decides what becomes of each packet of one direction. Every packet takes the same count of random numbers,
 * so the fate of the n-th one depends on seed and impairment alone.
 */
export class PacketFates {
  readonly #random: Random;
  #inBurst = false;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  next({ loss, burst, reorder, duplicate }: CompleteImpairment): PacketFate {
    const forState = this.#random();
    this.#inBurst = this.#inBurst ? forState >= burst.end : forState < burst.start;
    return {
      isLost: this.#random() < (this.#inBurst ? burst.loss : loss),
      isHeldBack: this.#random() < reorder,
      isDoubled: this.#random() < duplicate,
      jitter: this.#random(),
    };
  }
}
