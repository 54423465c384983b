import type { Clock } from '@sluice/core';
import { DelayLine } from './delay-line.ts';
import { type CompleteImpairment, type LinkImpairment, completeImpairment } from './link-impairment.ts';
import { type PacketFate, PacketFates } from './packet-fates.ts';

/** What one direction of a path has done. `received + duplicated = forwarded + lost + overflowed + queued`. */
export interface LinkCounters {
  readonly received: number;
  readonly forwarded: number;
  /** By `loss` and `burst`. */
  readonly lost: number;
  readonly duplicated: number;
  /** Held back, so that later packets could overtake them. */
  readonly reordered: number;
  /** Dropped because the queue was full. */
  readonly overflowed: number;
  /** Under way now. */
  readonly queued: number;
}

export interface ImpairedLinkOptions<T> {
  readonly impairment: LinkImpairment;
  readonly seed: number;
  readonly clock: Clock;
  readonly maxQueued: number;
  readonly deliver: (value: T) => void;
}

/** One direction of a path: takes packets in and delivers what is left of them, when it is time. */
export class ImpairedLink<T> {
  readonly #clock: Clock;
  readonly #maxQueued: number;
  readonly #fates: PacketFates;
  readonly #line: DelayLine<T>;
  readonly #counts = { received: 0, forwarded: 0, lost: 0, duplicated: 0, reordered: 0, overflowed: 0 };
  #impairment: CompleteImpairment;
  /** When the link has sent everything that it was given, monotonic milliseconds. */
  #freeAt = 0;
  /** When the last packet arrives that was not held back. */
  #lastArrival = 0;

  /** @throws MediaError ARGUMENT_INVALID */
  constructor({ impairment, seed, clock, maxQueued, deliver }: ImpairedLinkOptions<T>) {
    this.#impairment = completeImpairment(impairment);
    this.#clock = clock;
    this.#maxQueued = maxQueued;
    this.#fates = new PacketFates(seed);
    this.#line = new DelayLine(clock, (value) => {
      this.#counts.forwarded += 1;
      deliver(value);
    });
  }

  get counters(): LinkCounters {
    return { ...this.#counts, queued: this.#line.length };
  }

  /** From the next packet on. @throws MediaError ARGUMENT_INVALID */
  change(impairment: LinkImpairment): void {
    this.#impairment = completeImpairment(impairment);
  }

  take(value: T, bytes: number): void {
    const fate = this.#fates.next(this.#impairment);
    this.#counts.received += 1;
    if (fate.isLost) {
      this.#counts.lost += 1;
      return;
    }
    if (fate.isHeldBack) this.#counts.reordered += 1;
    if (fate.isDoubled) this.#counts.duplicated += 1;
    for (let copy = fate.isDoubled ? 2 : 1; copy > 0; copy -= 1) this.#queue(value, bytes, fate);
  }

  /** Forgets what is under way. */
  close(): void {
    this.#line.clear();
  }

  #queue(value: T, bytes: number, fate: PacketFate): void {
    if (this.#line.length >= this.#maxQueued) this.#counts.overflowed += 1;
    else this.#line.add(value, this.#arrivalOf(bytes, fate));
  }

  #arrivalOf(bytes: number, { jitter, isHeldBack }: PacketFate): number {
    const { rateKbps, delayMs, jitterMs, reorderMs } = this.#impairment;
    this.#freeAt = Math.max(this.#clock.monotonic(), this.#freeAt) + (bytes * 8) / rateKbps;
    const arrival = Math.max(this.#freeAt + delayMs + jitter * jitterMs, this.#lastArrival);
    if (isHeldBack) return arrival + reorderMs;
    this.#lastArrival = arrival;
    return arrival;
  }
}
