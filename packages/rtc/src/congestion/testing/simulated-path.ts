import { type Random, seededRandom } from '@sluice/testing';

/** A path of one direction; everything may change while it runs. */
export interface PathConditions {
  /** Bit/s. */
  capacity: number;
  /** One way, milliseconds. */
  delayMs: number;
  /** Longest queue, milliseconds at the capacity; what would wait longer is dropped. */
  maxQueueMs: number;
  /** Random delay on top, up to this, milliseconds; packets keep their order unless `reorders`. */
  jitterMs: number;
  reorders: boolean;
  /** Part of packets lost at random, 0 to 1. */
  loss: number;
}

const GOOD_PATH: PathConditions = { capacity: 100_000_000, delayMs: 20, maxQueueMs: 300, jitterMs: 0, reorders: false, loss: 0 };

/** A bottleneck with a queue in front, then a delay: gives for each packet when it arrives, if it does. */
export class SimulatedPath {
  readonly conditions: PathConditions;
  readonly #random: Random;
  #freeAt = 0;
  #lastArrival = 0;

  constructor(conditions: Partial<PathConditions>, seed: number) {
    this.conditions = { ...GOOD_PATH, ...conditions };
    this.#random = seededRandom(seed);
  }

  /** @returns undefined for a packet that is lost */
  send(bytes: number, now: number): number | undefined {
    const { capacity, delayMs, maxQueueMs, jitterMs, reorders, loss } = this.conditions;
    const start = Math.max(now, this.#freeAt);
    if (start - now > maxQueueMs) return undefined;
    this.#freeAt = start + (bytes * 8000) / capacity;
    if (this.#random() < loss) return undefined;
    const arrival = this.#freeAt + delayMs + jitterMs * this.#random();
    if (reorders) return arrival;
    this.#lastArrival = Math.max(this.#lastArrival, arrival);
    return this.#lastArrival;
  }
}
