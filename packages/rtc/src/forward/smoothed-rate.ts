import { RateMeter } from '../rtp/rate-meter.ts';

const STEP_MS = 250;
const WEIGHT = 0.15;
/** What the meter looks back, twice. */
const SETTLED_MS = 2000;

/** A bitrate over a few seconds, because keyframes and moving pictures make it jump. Times are monotonic milliseconds. */
export class SmoothedRate {
  readonly #meter = new RateMeter();
  #beganAt: number;
  #smoothed: number | undefined;
  #smoothedAt: number;

  constructor(now: number) {
    this.#beganAt = this.#smoothedAt = now;
  }

  add(bytes: number, now: number): void {
    this.#meter.add(bytes, now);
  }

  /** Until the meter has seen enough again, its word is taken as it is. */
  begin(now: number): void {
    this.#beganAt = now;
  }

  /** Bit/s. */
  bitrate(now: number): number {
    const steps = Math.floor((now - this.#smoothedAt) / STEP_MS);
    if (steps === 0 && this.#smoothed !== undefined) return this.#smoothed;
    this.#smoothedAt += steps * STEP_MS;
    const measured = this.#meter.bitrate(now);
    const weight = now - this.#beganAt >= SETTLED_MS ? 1 - (1 - WEIGHT) ** steps : 1;
    this.#smoothed = this.#smoothed === undefined ? measured : this.#smoothed + weight * (measured - this.#smoothed);
    return this.#smoothed;
  }
}
