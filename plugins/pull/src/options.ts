import { MediaError } from '@sluice/core';

/** Options of the pull plugin. */
export interface PullOptions {
  /** Streams that are pulled at a time. Default 100. */
  readonly maxPulls?: number | undefined;
  /** Failed attempts in a row before a stream that was started for viewers is given up. Default 8. */
  readonly maxRetries?: number | undefined;
  /** Wait after the first failed attempt, milliseconds; it doubles with each further one, and some of it is random. Default 500. */
  readonly backoffMs?: number | undefined;
  /** Longest wait between two attempts, milliseconds, also when the server asks for a longer one. Default 5,000. */
  readonly maxBackoffMs?: number | undefined;
  /** From an answer until media can flow, milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Of one HTTP request with its answer, milliseconds; longer than other servers wait for a missing stream. Default 20,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Redirects that are followed. Default 3. */
  readonly maxRedirects?: number | undefined;
  /** Whether servers at loopback, private and other special addresses may be asked, wherever the URL comes from. Default true. */
  readonly privateAddresses?: boolean | undefined;
}

/** Options with every default filled in. */
export type PullSettings = { readonly [Name in keyof PullOptions]-?: NonNullable<PullOptions[Name]> };

const DEFAULTS: PullSettings = {
  maxPulls: 100,
  maxRetries: 8,
  backoffMs: 500,
  maxBackoffMs: 5_000,
  connectTimeoutMs: 10_000,
  requestTimeoutMs: 20_000,
  maxRedirects: 3,
  privateAddresses: true,
};

/**
 * What the plugin runs with, so that a host can show the defaults.
 * @throws MediaError CONFIG_INVALID when a number is out of range
 */
export function completeOptions(options: PullOptions = {}): PullSettings {
  const number = (name: Exclude<keyof PullOptions, 'privateAddresses'>, min: number): number => {
    const value = options[name] ?? DEFAULTS[name];
    if (Number.isInteger(value) && value >= min) return value;
    throw new MediaError('CONFIG_INVALID', `${name} of the pull plugin must be a whole number of at least ${min}, not ${String(value)}.`);
  };
  return {
    maxPulls: number('maxPulls', 0),
    maxRetries: number('maxRetries', 0),
    backoffMs: number('backoffMs', 1),
    maxBackoffMs: number('maxBackoffMs', 1),
    connectTimeoutMs: number('connectTimeoutMs', 1),
    requestTimeoutMs: number('requestTimeoutMs', 1),
    maxRedirects: number('maxRedirects', 0),
    privateAddresses: flag(options.privateAddresses ?? DEFAULTS.privateAddresses),
  };
}

function flag(value: boolean): boolean {
  if (typeof value === 'boolean') return value;
  throw new MediaError('CONFIG_INVALID', `privateAddresses of the pull plugin must be true or false, not ${String(value)}.`);
}
