import { type Clock, systemClock } from './clock.ts';
import { MediaError } from './errors.ts';
import { type Logger, silentLogger } from './logger.ts';
import type { ManagerLimits, ManagerOptions, ManagerTimeouts, StreamOptions, TakeoverRule } from './manager-types.ts';
import type { RtcEngine } from './media.ts';
import { type Tracer, noTracer } from './tracing.ts';
import type { PathResolver, PathSettings } from './path-settings.ts';
import type { StreamKey } from './stream-key.ts';

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

/** The parts of {@link ManagerOptions} that a manager takes while it runs. */
export type LiveOptions = Pick<ManagerOptions, 'timeouts' | 'limits' | 'streams' | 'paths'>;

/** Options with every default filled in. What {@link ManagerSettings.change} changes must be read anew each time it is needed. */
export class ManagerSettings {
  readonly engine: RtcEngine | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly tracer: Tracer;
  #timeouts: ManagerTimeouts;
  #limits: ManagerLimits;
  #streams: StreamOptions;
  #paths: PathResolver;

  /** @throws MediaError CONFIG_INVALID when a number is out of range */
  constructor({ engine, logger = silentLogger, clock = systemClock, tracer = noTracer, timeouts = {}, limits = {}, streams = {}, paths = noPaths }: ManagerOptions) {
    this.engine = engine;
    this.logger = logger;
    this.clock = clock;
    this.tracer = tracer;
    this.#timeouts = completeTimeouts(timeouts);
    this.#limits = completeLimits(limits);
    this.#streams = completeStreamOptions(streams);
    this.#paths = paths;
  }

  get timeouts(): ManagerTimeouts {
    return this.#timeouts;
  }

  get limits(): ManagerLimits {
    return this.#limits;
  }

  /** Replaces the parts that are given, each as a whole; when one is wrong, nothing has changed. @throws MediaError CONFIG_INVALID */
  change({ timeouts, limits, streams, paths }: LiveOptions): void {
    const completed = {
      timeouts: timeouts && completeTimeouts(timeouts),
      limits: limits && completeLimits(limits),
      streams: streams && completeStreamOptions(streams),
    };
    this.#timeouts = completed.timeouts ?? this.#timeouts;
    this.#limits = completed.limits ?? this.#limits;
    this.#streams = completed.streams ?? this.#streams;
    this.#paths = paths ?? this.#paths;
  }

  pathSettings(key: StreamKey): PathSettings {
    return this.#paths(key);
  }

  /** The rules of one stream: those of its path, then those of all. */
  rulesOf(key: StreamKey): StreamRules {
    const { maxStreamWaitMs, noneReaderDelayMs, takeover, publisherGraceMs } = this.#streams;
    const own = this.#paths(key);
    return {
      maxStreamWaitMs: own.maxStreamWaitMs ?? maxStreamWaitMs,
      noneReaderDelayMs: own.noneReaderDelayMs ?? noneReaderDelayMs,
      takeover: own.takeover ?? takeover,
      publisherGraceMs: own.publisherGraceMs ?? publisherGraceMs,
      maxReaders: own.maxReaders,
    };
  }
}

/** What holds for one stream. */
export interface StreamRules extends StreamOptions {
  /** undefined = any number. */
  readonly maxReaders: number | undefined;
}

const noPaths: PathResolver = () => ({});

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

/**
 * @param where names the group in an error
 * @throws MediaError CONFIG_INVALID
 */
export function completeStreamOptions(given: Partial<StreamOptions>, where = 'streams'): StreamOptions {
  const { maxStreamWaitMs, noneReaderDelayMs, takeover, publisherGraceMs } = DEFAULT_STREAM_OPTIONS;
  return {
    maxStreamWaitMs: atLeast(0, `${where}.maxStreamWaitMs`, given.maxStreamWaitMs ?? maxStreamWaitMs),
    noneReaderDelayMs: atLeast(1, `${where}.noneReaderDelayMs`, given.noneReaderDelayMs ?? noneReaderDelayMs),
    takeover: takeoverRule(`${where}.takeover`, given.takeover ?? takeover),
    publisherGraceMs: atLeast(0, `${where}.publisherGraceMs`, given.publisherGraceMs ?? publisherGraceMs),
  };
}

function takeoverRule(name: string, value: TakeoverRule): TakeoverRule {
  if (['never', 'silent', 'always'].includes(value)) return value;
  throw new MediaError('CONFIG_INVALID', `${name} must be never, silent or always, not ${value}.`);
}

/** @throws MediaError CONFIG_INVALID */
export function atLeast(min: number, name: string, value: number): number {
  if (Number.isFinite(value) && value >= min) return value;
  throw new MediaError('CONFIG_INVALID', `${name} must be a number of at least ${min}, not ${String(value)}.`);
}
