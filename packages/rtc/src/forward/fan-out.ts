import { type Clock, Histogram, type Logger, type Undo } from '@sluice/core';
import type { Outbounds } from '../outbound/outbounds.ts';
import { StagingArea } from '../outbound/staging-area.ts';

/** 5 ms of more than 2 Gbit/s. */
const DEFAULT_STAGING_BYTES = 2 * 1024 * 1024;

/** Of flushes, one in so many is timed. */
const TIMED_FLUSHES = 8;
/** Seconds; a flush is due after some milliseconds. */
const FORWARD_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 1];

/** Has packets for its viewers. */
export interface FanOutSource {
  /** Passes on what was gathered. */
  flush(now: number): void;
}

/** What {@link FanOut} takes. */
export interface FanOutOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly outbounds: Outbounds;
  /** How long packets are gathered, milliseconds; 0 passes each on as it comes. */
  readonly flushIntervalMs: number;
  /** Whether somebody else flushes within the interval. Default: no. */
  readonly isFlushedSoon?: (() => boolean) | undefined;
  /** Gathered of all publishers together; more of them are passed on before their time. Default 2 MiB. */
  readonly stagingBytes?: number | undefined;
}

/**
 * Passes the packets of all sources on, those of some milliseconds together: what many packets to one viewer
 * cost together, each costs alone.
 */
export class FanOut {
  readonly #options: FanOutOptions;
  readonly #staging: StagingArea;
  /** From a packet's arrival until it was sent, seconds. */
  readonly forwardTimes = new Histogram(FORWARD_BUCKETS);
  readonly #waiting = new Set<FanOutSource>();
  #cancelTimer: Undo | undefined;
  #isFlushing = false;
  #flushes = 0;
  /** When the first packet of a flush came that is timed. */
  #stagedAt: number | undefined;

  constructor(options: FanOutOptions) {
    this.#options = options;
    this.#staging = new StagingArea(options.outbounds.arena, options.stagingBytes ?? DEFAULT_STAGING_BYTES);
  }

  /** The memory that {@link stage} copies to. */
  get bytes(): Buffer {
    return this.#options.outbounds.arena.bytes;
  }

  /** Copies a packet to where it can be sealed from. @returns its offset; -1 when there is no room, which a flush makes */
  stage(packet: Buffer, length: number): number {
    const offset = this.#staging.store(packet, length);
    if (offset >= 0 || this.#isFlushing) return offset;
    this.flush();
    return this.#staging.store(packet, length);
  }

  /** The source has something for the next flush. */
  schedule(source: FanOutSource): void {
    if (this.#waiting.size === 0) this.#startTiming();
    this.#waiting.add(source);
    if (this.#isFlushing) return;
    if (this.#options.flushIntervalMs === 0) this.flush();
    else this.#arm();
  }

  /** Passes on what all sources have gathered, and sends it. What comes meanwhile goes with the next flush. */
  flush(): void {
    if (this.#isFlushing || this.#waiting.size === 0) return;
    this.#isFlushing = true;
    try {
      this.#passOn();
    } finally {
      this.#isFlushing = false;
    }
    // A viewer may have made a source write meanwhile.
    if (this.#waiting.size > 0) this.#arm();
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#waiting.clear();
  }

  #passOn(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#staging.swap();
    const sources = [...this.#waiting];
    this.#waiting.clear();
    const stagedAt = this.#stagedAt;
    this.#stagedAt = undefined;
    const now = this.#options.clock.monotonic();
    for (const source of sources) this.#passOnOne(source, now);
    this.#options.outbounds.flush();
    this.#finishTiming(stagedAt);
  }

  /** The clock is read for the flushes that are timed only. */
  #startTiming(): void {
    this.#flushes = (this.#flushes + 1) % TIMED_FLUSHES;
    if (this.#flushes === 0) this.#stagedAt = this.#options.clock.monotonic();
  }

  #finishTiming(stagedAt: number | undefined): void {
    if (stagedAt !== undefined) this.forwardTimes.observe((this.#options.clock.monotonic() - stagedAt) / 1_000);
  }

  /** What one viewer throws here would end the process, and with it all others. */
  #passOnOne(source: FanOutSource, now: number): void {
    try {
      source.flush(now);
    } catch (error) {
      this.#options.logger.error({ err: error }, 'A source failed to pass its packets on');
    }
  }

  #arm(): void {
    const { clock, flushIntervalMs, isFlushedSoon } = this.#options;
    if (isFlushedSoon?.()) return;
    this.#cancelTimer ??= clock.setTimeout(() => this.flush(), flushIntervalMs);
  }
}
