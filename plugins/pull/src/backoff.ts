/** Between these parts of the full wait the real one is drawn, so that many pulls of one server do not come back together. */
const LEAST_PART = 0.5;

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
  const full = Math.min(rules.maxBackoffMs, rules.backoffMs * 2 ** (failures - 1));
  const drawn = full * (LEAST_PART + (1 - LEAST_PART) * random);
  return Math.min(rules.maxBackoffMs, Math.max(drawn, askedMs ?? 0));
}
