import { MediaError } from '@sluice/core';

/** Loss that comes in bursts: the Gilbert–Elliott model, which moves between a good and a bad state per packet. */
export interface BurstLoss {
  /** Chance that a packet begins a burst, 0 to 1. */
  readonly start: number;
  /** Chance that a packet ends the burst, 0 to 1; a burst is 1 / `end` packets long on average. */
  readonly end: number;
  /** Chance that a packet within a burst is lost, 0 to 1. Default 1. */
  readonly loss?: number | undefined;
}

/** What happens to packets in one direction. Nothing by default. */
export interface LinkImpairment {
  /** Chance that a packet is lost, outside of bursts, 0 to 1. */
  readonly loss?: number | undefined;
  readonly burst?: BurstLoss | undefined;
  /** What every packet waits, milliseconds. */
  readonly delayMs?: number | undefined;
  /** What a packet waits beyond that at most, milliseconds, evenly distributed. It does not change the order. */
  readonly jitterMs?: number | undefined;
  /** Chance that a packet is held back, so that later ones overtake it, 0 to 1. */
  readonly reorder?: number | undefined;
  /** How long such a packet is held back, milliseconds. Default 10. */
  readonly reorderMs?: number | undefined;
  /** Chance that a packet arrives twice, 0 to 1. */
  readonly duplicate?: number | undefined;
  /** Capacity of the link, kbit/s of UDP payload. Packets queue for it. */
  readonly rateKbps?: number | undefined;
}

/** An impairment with every default filled in. */
export type CompleteImpairment = { readonly [K in Exclude<keyof LinkImpairment, 'burst'>]-?: number } & {
  readonly burst: Required<{ readonly [K in keyof BurstLoss]: number }>;
};

/** @throws MediaError ARGUMENT_INVALID naming the number that is out of range */
export function completeImpairment(given: LinkImpairment): CompleteImpairment {
  return {
    loss: chance('loss', given.loss),
    burst: {
      start: chance('burst.start', given.burst?.start),
      end: chance('burst.end', given.burst?.end),
      loss: chance('burst.loss', given.burst?.loss, 1),
    },
    delayMs: inRange('delayMs', given.delayMs ?? 0, 0, 60_000),
    jitterMs: inRange('jitterMs', given.jitterMs ?? 0, 0, 60_000),
    reorder: chance('reorder', given.reorder),
    reorderMs: inRange('reorderMs', given.reorderMs ?? 10, 0, 60_000),
    duplicate: chance('duplicate', given.duplicate),
    rateKbps: given.rateKbps === undefined ? Infinity : inRange('rateKbps', given.rateKbps, 1, 10_000_000),
  };
}

function chance(name: string, value: number | undefined, fallback = 0): number {
  return inRange(name, value ?? fallback, 0, 1);
}

function inRange(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new MediaError('ARGUMENT_INVALID', `The impairment ${name} must be ${min} to ${max}, not ${value}.`);
}
