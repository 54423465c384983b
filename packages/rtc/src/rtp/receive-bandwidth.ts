import { RateMeter } from './rate-meter.ts';
import { sequenceDistance } from './sequence.ts';

/** How often the shortest delay may be replaced by a longer one, as clocks drift and routes change. */
const BASE_WINDOW_MS = 10_000;
/** Delay above the shortest that says a queue grows. */
const QUEUEING_LIMIT_MS = 60;
const QUEUEING_WEIGHT = 1 / 16;
/** To what share of the rate that arrives a queue that grows takes the estimate (draft-ietf-rmcat-gcc-02 section 5.5). */
const BACKOFF = 0.85;
/** After a decrease the sender gets so long to follow it. */
const DECREASE_INTERVAL_MS = 300;
const INCREASE_PER_SECOND = 1.08;
/** Nothing is known of a path beyond what is sent on it (the same section). */
const MAX_LEAD = 1.5;
const LEAD_BPS = 10_000;
/** Of packets (draft-ietf-rmcat-gcc-02 section 6). */
const HEAVY_LOSS = 0.1;
const LIGHT_LOSS = 0.02;
const MIN_BPS = 50_000;
const MAX_BPS = 100_000_000;

/** Seconds in 6.18 fixed point, which wrap after 64 s; their 16 high bits are enough and wrap alike. */
const SEND_TIME_SHIFT = 8;
const SEND_TIME_MS_PER_UNIT = 1000 / 1024;

/**
 * Estimates from what arrives how much a path bears, for peers that take REMB and no transport-wide feedback: by the delay
 * that packets gather on the way (by abs-send-time), by losses, and by the rate that comes through.
 * Times are monotonic milliseconds, rates bit/s. A packet costs no allocation.
 */
export class ReceiveBandwidth {
  readonly #rate = new RateMeter();
  #bitrate: number;
  #lastSendTime: number | undefined;
  /** Of the sender's clock, not wrapping. */
  #sendMs = 0;
  #baseDelay = Number.POSITIVE_INFINITY;
  /** The shortest since {@link #baseSince}, which becomes the base at the window's end. */
  #nextBaseDelay = Number.POSITIVE_INFINITY;
  #baseSince = 0;
  #queueingMs = 0;
  #updatedAt: number | undefined;
  #decreasedAt = Number.NEGATIVE_INFINITY;
  #expected = 0;
  #lost = 0;

  /** @param startBps until something is known */
  constructor(startBps: number) {
    this.#bitrate = startBps;
  }

  get bitrate(): number {
    return this.#bitrate;
  }

  /** @param bytes of the whole packet */
  onPacket(bytes: number, now: number): void {
    this.#rate.add(bytes, now);
  }

  /** @param sendTime the 24 bits of abs-send-time */
  onSendTime(sendTime: number, now: number): void {
    const units = sendTime >> SEND_TIME_SHIFT;
    if (this.#lastSendTime !== undefined) this.#sendMs += sequenceDistance(this.#lastSendTime, units) * SEND_TIME_MS_PER_UNIT;
    this.#lastSendTime = units;
    this.#noteDelay(now - this.#sendMs, now);
  }

  /**
   * Makes the next estimate; called a few times a second.
   * @param expected packets since the start, those that were lost too
   * @param lost packets since the start
   */
  update(expected: number, lost: number, now: number): number {
    const elapsedMs = Math.min(1000, now - (this.#updatedAt ?? now));
    this.#updatedAt = now;
    const loss = this.#lossSince(expected, lost);
    const received = this.#rate.bitrate(now);
    if (this.#isCongested(loss) && now - this.#decreasedAt >= DECREASE_INTERVAL_MS) this.#decrease(loss, received, now);
    else if (loss < LIGHT_LOSS && this.#queueingMs < QUEUEING_LIMIT_MS / 2) this.#increase(received, elapsedMs);
    this.#bitrate = Math.min(MAX_BPS, Math.max(MIN_BPS, this.#bitrate));
    return this.#bitrate;
  }

  #noteDelay(delay: number, now: number): void {
    this.#nextBaseDelay = Math.min(this.#nextBaseDelay, delay);
    this.#baseDelay = Math.min(this.#baseDelay, delay);
    if (now - this.#baseSince >= BASE_WINDOW_MS) {
      this.#baseDelay = this.#nextBaseDelay;
      this.#nextBaseDelay = delay;
      this.#baseSince = now;
    }
    this.#queueingMs += (delay - this.#baseDelay - this.#queueingMs) * QUEUEING_WEIGHT;
  }

  #lossSince(expected: number, lost: number): number {
    const newlyExpected = expected - this.#expected;
    const newlyLost = lost - this.#lost;
    this.#expected = expected;
    this.#lost = lost;
    return newlyExpected > 0 ? Math.max(0, newlyLost / newlyExpected) : 0;
  }

  #isCongested(loss: number): boolean {
    return loss > HEAVY_LOSS || this.#queueingMs > QUEUEING_LIMIT_MS;
  }

  #decrease(loss: number, received: number, now: number): void {
    this.#decreasedAt = now;
    if (loss > HEAVY_LOSS) this.#bitrate *= 1 - 0.5 * loss;
    if (this.#queueingMs > QUEUEING_LIMIT_MS) this.#bitrate = Math.min(this.#bitrate, BACKOFF * received);
  }

  #increase(received: number, elapsedMs: number): void {
    const most = MAX_LEAD * received + LEAD_BPS;
    if (this.#bitrate < most) this.#bitrate = Math.min(most, this.#bitrate * INCREASE_PER_SECOND ** (elapsedMs / 1000));
  }
}
