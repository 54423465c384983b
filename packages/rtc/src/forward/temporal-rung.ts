import type { SelectableLayer } from './layer-selector.ts';
import { SmoothedRate } from './smoothed-rate.ts';

/** One frame rate at which a layer can be sent: its temporal layers up to one of them. */
export class TemporalRung implements SelectableLayer {
  readonly rid = undefined;
  readonly height = undefined;
  /** The highest temporal layer in it. */
  readonly temporalLayer: number;
  readonly #rate: SmoothedRate;
  readonly #activeMs: (now: number) => number;

  /** @param activeMs of the layer that it belongs to */
  constructor(temporalLayer: number, now: number, activeMs: (now: number) => number) {
    this.temporalLayer = temporalLayer;
    this.#rate = new SmoothedRate(now);
    this.#activeMs = activeMs;
  }

  add(bytes: number, now: number): void {
    this.#rate.add(bytes, now);
  }

  bitrate(now: number): number {
    return this.#rate.bitrate(now);
  }

  leastBitrate(now: number): number {
    return this.bitrate(now);
  }

  activeMs(now: number): number {
    return this.#activeMs(now);
  }
}
