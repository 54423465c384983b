import type { Clock } from '../time/clock.ts';

/** Pings between two signs of life; after these the connection is thought to be dead. */
const MAX_UNANSWERED = 2;

/** How much a new sample changes the smoothed round-trip time, as TCP has it (RFC 6298). */
const SMOOTHING = 1 / 8;

/** What a {@link Heartbeat} takes. */
export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly ping: (sequence: number) => void;
  /** Nothing came for too long. */
  readonly onDead: () => void;
}

/** Round-trip times, milliseconds. */
export interface RoundTrips {
  readonly lastMs: number;
  readonly leastMs: number;
  readonly smoothedMs: number;
}

/** Pings at an interval, and measures how long the pongs take. */
export class Heartbeat {
  pings = 0;
  pongs = 0;
  roundTrips: RoundTrips | undefined;
  readonly #options: HeartbeatOptions;
  #intervalMs = 0;
  #unanswered = 0;
  #pinged: { readonly sequence: number; readonly at: number } | undefined;
  #cancel: () => void = () => undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(intervalMs: number): void {
    this.stop();
    this.#intervalMs = intervalMs;
    this.#unanswered = 0;
    this.#schedule();
  }

  stop(): void {
    this.#cancel();
    this.#pinged = undefined;
  }

  /** Something came from the server. */
  heard(): void {
    this.#unanswered = 0;
  }

  /** @param sequence of the ping; undefined when the server does not tell */
  pong(sequence: number | undefined): void {
    this.pongs += 1;
    const pinged = this.#pinged;
    if (!pinged || (sequence !== undefined && sequence !== pinged.sequence)) return;
    this.#pinged = undefined;
    this.#measured(this.#options.clock.monotonic() - pinged.at);
  }

  #schedule(): void {
    this.#cancel = this.#options.clock.setTimeout(() => this.#beat(), this.#intervalMs);
  }

  #beat(): void {
    if (this.#unanswered >= MAX_UNANSWERED) return this.#options.onDead();
    this.#unanswered += 1;
    this.pings += 1;
    this.#pinged = { sequence: this.pings, at: this.#options.clock.monotonic() };
    this.#schedule();
    this.#options.ping(this.pings);
  }

  #measured(lastMs: number): void {
    const { leastMs, smoothedMs } = this.roundTrips ?? { leastMs: lastMs, smoothedMs: lastMs };
    this.roundTrips = { lastMs, leastMs: Math.min(leastMs, lastMs), smoothedMs: smoothedMs + SMOOTHING * (lastMs - smoothedMs) };
  }
}
