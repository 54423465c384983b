import { type Clock, Histogram, type Logger, type Undo } from '@sluice/core';
import type { Outbounds } from '../outbound/outbounds.ts';
import { StagingArea } from '../outbound/staging-area.ts';

/** What waits is never more than some ten milliseconds old: this is enough for more than 2 Gbit/s. */
const DEFAULT_STAGING_BYTES = 4 * 1024 * 1024;

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
  /** How long those of a frame wait for the rest of it, milliseconds. Default: as long as others. */
  readonly frameWaitMs?: number | undefined;
  /** Whether somebody else calls {@link FanOut.flushDue} within the interval. Default: no. */
  readonly isFlushedSoon?: (() => boolean) | undefined;
  /** Gathered of all publishers together; more of them are passed on before their time. Default 4 MiB. */
  readonly stagingBytes?: number | undefined;
}

/** What a source has gathered. */
interface Gathered {
  /** When its first packet came, monotonic milliseconds. */
  readonly since: number;
  /** In the staging area, at or before its first packet. */
  readonly position: number;
  /** Whether it need not wait for more. */
  complete: boolean;
}

/**
 * Passes the packets of all sources on, those of some milliseconds together, and if possible those of a whole
 * frame: what many packets to one viewer cost together, each costs alone. No decoder shows a frame before its last packet has come.
 */
export class FanOut {
  readonly #options: FanOutOptions;
  readonly #frameWaitMs: number;
  readonly #staging: StagingArea;
  /** From a packet's arrival until it was sent, seconds. */
  readonly forwardTimes = new Histogram(FORWARD_BUCKETS);
  /** Those with packets, from the one that has waited longest. */
  readonly #waiting = new Map<FanOutSource, Gathered>();
  /** Behind the packet before the one staged last. */
  #position = 0;
  #cancelTimer: Undo | undefined;
  #timerAt = 0;
  #isFlushing = false;
  #flushes = 0;

  constructor(options: FanOutOptions) {
    this.#options = options;
    this.#frameWaitMs = Math.max(options.flushIntervalMs, options.frameWaitMs ?? 0);
    this.#staging = new StagingArea(options.outbounds.arena, options.stagingBytes ?? DEFAULT_STAGING_BYTES);
  }

  /** The memory that {@link stage} copies to. */
  get bytes(): Buffer {
    return this.#options.outbounds.arena.bytes;
  }

  /** Copies a packet to where it can be sealed from. @returns its offset; -1 when there is no room, which a flush makes */
  stage(packet: Buffer, length: number): number {
    this.#position = this.#staging.end;
    const offset = this.#staging.store(packet, length);
    if (offset >= 0 || this.#isFlushing) return offset;
    this.flush();
    return this.#staging.store(packet, length);
  }

  /**
   * The source has gathered the packet staged last.
   * @param complete whether there is nothing that it should wait for
   * @param now when the packet came
   */
  schedule(source: FanOutSource, complete: boolean, now: number): void {
    let gathered = this.#waiting.get(source);
    if (!gathered) this.#waiting.set(source, (gathered = { since: now, position: this.#position, complete }));
    else if (complete) gathered.complete = true;
    if (this.#isFlushing) return;
    if (this.#options.flushIntervalMs === 0) this.flush();
    else this.#arm(gathered);
  }

  /** Passes on what all sources have gathered, and sends it. What comes meanwhile goes with the next flush. */
  flush(): void {
    if (!this.#isFlushing && this.#waiting.size > 0) this.#passOn([...this.#waiting]);
  }

  /** The same for those sources that should not wait until another interval has passed. */
  flushDue(now: number): void {
    if (this.#isFlushing || this.#waiting.size === 0) return;
    const latest = now + this.#options.flushIntervalMs - this.#frameWaitMs;
    this.#passOn([...this.#waiting].filter(([, { complete, since }]) => complete || since <= latest));
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#waiting.clear();
  }

  #passOn(due: readonly (readonly [FanOutSource, Gathered])[]): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#isFlushing = true;
    try {
      this.#send(due);
    } finally {
      this.#isFlushing = false;
    }
    const oldest = this.#waiting.values().next().value;
    this.#staging.release(oldest?.position ?? this.#staging.end);
    // A viewer may have made a source write meanwhile.
    for (const gathered of this.#waiting.values()) this.#arm(gathered);
  }

  #send(due: readonly (readonly [FanOutSource, Gathered])[]): void {
    for (const [source] of due) this.#waiting.delete(source);
    const now = this.#options.clock.monotonic();
    for (const [source] of due) this.#passOnOne(source, now);
    this.#options.outbounds.flush();
    const [first] = due;
    if (first) this.#time(first[1].since);
  }

  /** The clock is read for the flushes that are timed only. */
  #time(since: number): void {
    this.#flushes = (this.#flushes + 1) % TIMED_FLUSHES;
    if (this.#flushes === 0) this.forwardTimes.observe((this.#options.clock.monotonic() - since) / 1_000);
  }

  /** What one viewer throws here would end the process, and with it all others. */
  #passOnOne(source: FanOutSource, now: number): void {
    try {
      source.flush(now);
    } catch (error) {
      this.#options.logger.error({ err: error }, 'A source failed to pass its packets on');
    }
  }

  #arm({ since, complete }: Gathered): void {
    const { clock, flushIntervalMs, isFlushedSoon } = this.#options;
    if (isFlushedSoon?.()) return;
    const dueAt = since + (complete ? flushIntervalMs : this.#frameWaitMs);
    if (this.#cancelTimer && this.#timerAt <= dueAt) return;
    this.#cancelTimer?.();
    this.#timerAt = dueAt;
    this.#cancelTimer = clock.setTimeout(() => this.#flushByTimer(), Math.max(0, dueAt - clock.monotonic()));
  }

  #flushByTimer(): void {
    this.#cancelTimer = undefined;
    this.flushDue(this.#options.clock.monotonic());
  }
}
