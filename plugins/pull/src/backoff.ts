import { backoffDelay } from '@sluice/core';

/** What {@link backoffMs} takes. */
export interface BackoffRules {
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

/**
 * How long to wait after a failed attempt, milliseconds.
 * @param failures in a row, 1 or more
 * @param askedMs what the server asks to wait
 * @param random from 0 to 1
 */
export function backoffMs(rules: BackoffRules, failures: number, askedMs: number | undefined, random: number): number {
  const drawn = backoffDelay(failures, { firstMs: rules.backoffMs, longestMs: rules.maxBackoffMs }, random);
  return Math.min(rules.maxBackoffMs, Math.max(drawn, askedMs ?? 0));
}
