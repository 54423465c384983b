import type { DelayTrend } from './delay-trend.ts';

/** What the delay says of the path (draft-ietf-rmcat-gcc-02 section 5.4). */
export type BandwidthUsage = 'normal' | 'overuse' | 'underuse';

const FIRST_THRESHOLD = 12.5;
const MIN_THRESHOLD = 6;
const MAX_THRESHOLD = 600;
/** Rates at which the threshold follows the trend, per millisecond: slower up than down. */
const GAIN_UP = 0.0087;
const GAIN_DOWN = 0.039;
/** A trend further above the threshold than this is a spike, which the threshold must not learn. */
const MAX_ADAPTED_EXCESS = 15;
const MAX_ADAPTATION_MS = 100;
const OVERUSE_MS = 10;

/** Compares the trend of the delay with a threshold that adapts, so that neither jitter nor TCP beside us fools it. */
export class OveruseDetector {
  #usage: BandwidthUsage = 'normal';
  #threshold = FIRST_THRESHOLD;
  #adaptedAt: number | undefined;
  #overusedMs = 0;
  #overuses = 0;
  #lastSlope = 0;

  get usage(): BandwidthUsage {
    return this.#usage;
  }

  /**
   * @param sendDelta between the last two groups, milliseconds
   * @param arrival of the last group
   */
  update(trend: DelayTrend, sendDelta: number, arrival: number): void {
    const { value, slope } = trend;
    if (value > this.#threshold) this.#onRise(slope, sendDelta);
    else this.#settle(value < -this.#threshold ? 'underuse' : 'normal');
    this.#lastSlope = slope;
    this.#adapt(Math.abs(value), arrival);
  }

  reset(): void {
    this.#settle('normal');
    this.#adaptedAt = undefined;
    this.#lastSlope = 0;
  }

  /** Overuse must last for a while, over several groups, and not be on the way back already. */
  #onRise(slope: number, sendDelta: number): void {
    this.#overusedMs += this.#overuses === 0 ? sendDelta / 2 : sendDelta;
    this.#overuses++;
    if (this.#overusedMs <= OVERUSE_MS || this.#overuses < 2 || slope < this.#lastSlope) return;
    this.#settle('overuse');
  }

  #settle(usage: BandwidthUsage): void {
    this.#overusedMs = 0;
    this.#overuses = 0;
    this.#usage = usage;
  }

  #adapt(magnitude: number, arrival: number): void {
    const elapsed = Math.max(0, Math.min(arrival - (this.#adaptedAt ?? arrival), MAX_ADAPTATION_MS));
    this.#adaptedAt = arrival;
    if (magnitude > this.#threshold + MAX_ADAPTED_EXCESS) return;
    const gain = magnitude < this.#threshold ? GAIN_DOWN : GAIN_UP;
    const adapted = this.#threshold + gain * (magnitude - this.#threshold) * elapsed;
    this.#threshold = Math.min(Math.max(adapted, MIN_THRESHOLD), MAX_THRESHOLD);
  }
}
