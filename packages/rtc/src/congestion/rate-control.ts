import { type CongestionLimits, clampBitrate } from './congestion-limits.ts';
import { LinkCapacity } from './link-capacity.ts';
import type { BandwidthUsage } from './overuse-detector.ts';

/** Of the throughput, after overuse (draft-ietf-rmcat-gcc-02 section 5.5). */
const BACKOFF = 0.85;
const GROWTH_PER_SECOND = 1.08;
const MAX_STEP_MS = 1000;
/** A rate that nobody has seen arrive is a guess; it goes no further above what arrives than this. */
const THROUGHPUT_FACTOR = 1.5;
const THROUGHPUT_MARGIN = 10_000;
/** Throughput is a noisy number; so much of it is sure. */
const SEEN_FACTOR = 0.9;
const MIN_INCREASE_PER_SECOND = 4000;
const FRAMES_PER_SECOND = 30;
const PACKET_BITS = 1200 * 8;
/** What detector and feedback take, beside the round trip. */
const REACTION_MS = 100;
const MIN_DECREASE_INTERVAL_MS = 10;
const MAX_DECREASE_INTERVAL_MS = 200;

/**
 * Additive increase near the known capacity of the path, multiplicative far from it, multiplicative decrease after
 * overuse. Bit/s.
 */
export class RateControl {
  readonly #limits: CongestionLimits;
  readonly #capacity = new LinkCapacity();
  #bitrate: number;
  #state: 'hold' | 'increase' = 'increase';
  #changedAt: number | undefined;
  #decreasedAt: number | undefined;

  constructor(limits: CongestionLimits) {
    this.#limits = limits;
    this.#bitrate = clampBitrate(limits.startBitrate, limits);
  }

  get bitrate(): number {
    return this.#bitrate;
  }

  /** @param throughput what arrives; undefined while unknown */
  update(usage: BandwidthUsage, throughput: number | undefined, roundTripMs: number, now: number): void {
    if (usage === 'overuse') return this.#onOveruse(throughput, roundTripMs, now);
    if (usage === 'underuse') {
      // Queues drain; growing now would fill them again.
      this.#state = 'hold';
      return;
    }
    if (this.#state === 'hold') {
      this.#state = 'increase';
      this.#changedAt = now;
    }
    this.#increase(throughput, roundTripMs, now);
  }

  /**
   * Takes what a probe measured. A low result may be jitter's doing, so that it takes back only what nobody has seen
   * arrive.
   */
  onProbe(bitrate: number, throughput: number | undefined, now: number): void {
    const seen = throughput === undefined ? 0 : Math.min(this.#bitrate, limitOf(throughput));
    this.#capacity.onProbe(Math.max(bitrate, seen));
    this.#set(Math.max(bitrate, seen), now);
  }

  /** Takes the receiver's own estimate. */
  onReceiverEstimate(bitrate: number, now: number): void {
    this.#set(bitrate, now);
  }

  /** Goes down by `factor` without a measurement: the receiver is silent. */
  onSilence(factor: number, now: number): void {
    this.#set(this.#bitrate * factor, now);
  }

  #onOveruse(throughput: number | undefined, roundTripMs: number, now: number): void {
    if (!this.#mayDecrease(throughput, roundTripMs, now)) return;
    this.#decreasedAt = now;
    this.#state = 'hold';
    if (throughput === undefined) return this.#set(this.#bitrate / 2, now);
    if (this.#capacity.isMissedBy(throughput)) this.#capacity.forget();
    this.#capacity.onOveruse(throughput);
    let backoff = BACKOFF * throughput;
    // More may arrive than we meant to send; the path was full all the same.
    if (backoff > this.#bitrate) backoff = BACKOFF * (this.#capacity.value ?? this.#bitrate);
    if (backoff < this.#bitrate) this.#set(backoff, now);
  }

  /** Once per round trip, unless it is still far from what arrives. */
  #mayDecrease(throughput: number | undefined, roundTripMs: number, now: number): boolean {
    if (this.#decreasedAt === undefined) return true;
    const interval = Math.min(Math.max(roundTripMs, MIN_DECREASE_INTERVAL_MS), MAX_DECREASE_INTERVAL_MS);
    if (now - this.#decreasedAt >= interval) return true;
    return throughput !== undefined && throughput < this.#bitrate / 2;
  }

  #increase(throughput: number | undefined, roundTripMs: number, now: number): void {
    const elapsed = Math.max(0, Math.min(now - (this.#changedAt ?? now), MAX_STEP_MS)) / 1000;
    this.#changedAt = now;
    if (throughput === undefined) return;
    if (this.#capacity.isExceededBy(throughput)) this.#capacity.forget();
    const limit = limitOf(throughput);
    if (this.#bitrate >= limit) return;
    const isFar = this.#capacity.value === undefined;
    const increased = isFar ? this.#grown(throughput, elapsed) : this.#bitrate + this.#nearMaxPerSecond(roundTripMs) * elapsed;
    this.#bitrate = clampBitrate(Math.min(increased, limit), this.#limits);
  }

  /** A forwarder may have to send more than it should; what then arrives all the same needs no guess. */
  #grown(throughput: number, seconds: number): number {
    return Math.max(SEEN_FACTOR * throughput, this.#bitrate * GROWTH_PER_SECOND ** seconds);
  }

  /** One packet per response time. */
  #nearMaxPerSecond(roundTripMs: number): number {
    const frameBits = this.#bitrate / FRAMES_PER_SECOND;
    const packetBits = frameBits / Math.ceil(frameBits / PACKET_BITS);
    return Math.max(MIN_INCREASE_PER_SECOND, (packetBits * 1000) / (roundTripMs + REACTION_MS));
  }

  #set(bitrate: number, now: number): void {
    this.#bitrate = clampBitrate(bitrate, this.#limits);
    this.#changedAt = now;
  }
}

function limitOf(throughput: number): number {
  return THROUGHPUT_FACTOR * throughput + THROUGHPUT_MARGIN;
}
