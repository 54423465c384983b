/** How long the pauses between attempts are. */
export interface BackoffOptions {
  /** After the first failure, milliseconds; it doubles with every further one. Default 500. */
  readonly minMs?: number | undefined;
  /** No pause is longer, milliseconds. Default 30,000. */
  readonly maxMs?: number | undefined;
  /** Share of a pause that is chance, from 0 to 1, so that clients of a server that comes back do not all come at once. Default 0.5. */
  readonly jitter?: number | undefined;
}

/** {@link BackoffOptions} with every default filled in. */
export type Backoff = { readonly [K in keyof BackoffOptions]-?: number };

/** @throws RangeError when a number is out of range */
export function completeBackoff({ minMs = 500, maxMs = 30_000, jitter = 0.5 }: BackoffOptions = {}): Backoff {
  if (!(minMs >= 0) || !(maxMs >= minMs) || maxMs === Infinity) throw new RangeError(`minMs and maxMs must be numbers with 0 <= minMs <= maxMs, not ${minMs} and ${maxMs}.`);
  if (!(jitter >= 0 && jitter <= 1)) throw new RangeError(`jitter must be from 0 to 1, not ${jitter}.`);
  return { minMs, maxMs, jitter };
}

/**
 * The pause after a failed attempt, milliseconds.
 * @param failures in a row, 1 or more
 * @param random from 0 to 1
 */
export function backoffDelay(failures: number, { minMs, maxMs, jitter }: Backoff, random: number): number {
  const full = Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 64));
  return full * (1 - jitter * random);
}
