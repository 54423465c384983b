import type { Clock, Logger, Undo } from '@sluice/core';
import type { Outbounds } from '../outbound/outbounds.ts';
import { StagingArea } from '../outbound/staging-area.ts';

/** 5 ms of more than 2 Gbit/s. */
const DEFAULT_STAGING_BYTES = 2 * 1024 * 1024;

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
  readonly #waiting = new Set<FanOutSource>();
  #cancelTimer: Undo | undefined;
  #isFlushing = false;

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
    const now = this.#options.clock.monotonic();
    for (const source of sources) this.#passOnOne(source, now);
    this.#options.outbounds.flush();
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
