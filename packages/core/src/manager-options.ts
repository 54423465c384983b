import { type Clock, systemClock } from './clock.ts';
import { MediaError } from './errors.ts';
import { type Logger, silentLogger } from './logger.ts';
import type { ManagerLimits, ManagerOptions, ManagerTimeouts, StreamOptions, TakeoverRule } from './manager-types.ts';
import type { RtcEngine } from './media.ts';

/** Defaults of {@link ManagerTimeouts}, milliseconds. */
export const DEFAULT_TIMEOUTS: ManagerTimeouts = {
  setupMs: 10_000,
  hookMs: 10_000,
  negotiateMs: 10_000,
  closeMs: 3_000,
};

/** Defaults of {@link ManagerLimits}. */
export const DEFAULT_LIMITS: ManagerLimits = {
  maxOfferBytes: 65_536,
  maxOfferLines: 2_000,
  maxMediaSections: 32,
  maxSessions: 10_000,
  maxSessionsPerAddress: 1_000,
  maxWaiters: 1_000,
  maxPendingNotifications: 1_000,
  maxEndedSessions: 100,
  endedSessionMs: 600_000,
};

/** Defaults of {@link StreamOptions}; times in milliseconds. */
export const DEFAULT_STREAM_OPTIONS: StreamOptions = {
  maxStreamWaitMs: 15_000,
  noneReaderDelayMs: 20_000,
  takeover: 'silent',
  publisherGraceMs: 0,
};

/** Options with every default filled in. */
export interface ManagerSettings {
  readonly engine: RtcEngine | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly timeouts: ManagerTimeouts;
  readonly limits: ManagerLimits;
  readonly streams: StreamOptions;
}

/** @throws MediaError CONFIG_INVALID when a number is out of range */
export function completeOptions(options: ManagerOptions): ManagerSettings {
  return {
    engine: options.engine,
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    timeouts: completeTimeouts(options.timeouts ?? {}),
    limits: completeLimits(options.limits ?? {}),
    streams: completeStreamOptions(options.streams ?? {}),
  };
}

/** A deadline of 0 could never be met. */
function completeTimeouts(given: Partial<ManagerTimeouts>): ManagerTimeouts {
  const timeout = (name: keyof ManagerTimeouts): number => atLeast(1, `timeouts.${name}`, given[name] ?? DEFAULT_TIMEOUTS[name]);
  return {
    setupMs: timeout('setupMs'),
    hookMs: timeout('hookMs'),
    negotiateMs: timeout('negotiateMs'),
    closeMs: timeout('closeMs'),
  };
}

/** A limit of 0 refuses everything. */
function completeLimits(given: Partial<ManagerLimits>): ManagerLimits {
  const limit = (name: keyof ManagerLimits): number => atLeast(0, `limits.${name}`, given[name] ?? DEFAULT_LIMITS[name]);
  return {
    maxOfferBytes: limit('maxOfferBytes'),
    maxOfferLines: limit('maxOfferLines'),
    maxMediaSections: limit('maxMediaSections'),
    maxSessions: limit('maxSessions'),
    maxSessionsPerAddress: limit('maxSessionsPerAddress'),
    maxWaiters: limit('maxWaiters'),
    maxPendingNotifications: limit('maxPendingNotifications'),
    maxEndedSessions: limit('maxEndedSessions'),
    endedSessionMs: limit('endedSessionMs'),
  };
}

function completeStreamOptions(given: Partial<StreamOptions>): StreamOptions {
  const { maxStreamWaitMs, noneReaderDelayMs, takeover, publisherGraceMs } = DEFAULT_STREAM_OPTIONS;
  return {
    maxStreamWaitMs: atLeast(0, 'streams.maxStreamWaitMs', given.maxStreamWaitMs ?? maxStreamWaitMs),
    noneReaderDelayMs: atLeast(1, 'streams.noneReaderDelayMs', given.noneReaderDelayMs ?? noneReaderDelayMs),
    takeover: takeoverRule(given.takeover ?? takeover),
    publisherGraceMs: atLeast(0, 'streams.publisherGraceMs', given.publisherGraceMs ?? publisherGraceMs),
  };
}

function takeoverRule(value: TakeoverRule): TakeoverRule {
  if (['never', 'silent', 'always'].includes(value)) return value;
  throw new MediaError('CONFIG_INVALID', `streams.takeover must be never, silent or always, not ${value}.`);
}

function atLeast(min: number, name: string, value: number): number {
  if (Number.isFinite(value) && value >= min) return value;
  throw new MediaError('CONFIG_INVALID', `${name} must be a number of at least ${min}, not ${String(value)}.`);
}
