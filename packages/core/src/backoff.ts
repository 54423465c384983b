/** What {@link backoffDelay} takes, milliseconds. */
export interface BackoffBounds {
  /** After the first failure, without chance. */
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * How long to wait after a failed attempt, milliseconds: doubles from `firstMs`, and half of it is chance, so that what
 * failed at the same time is not tried again at the same time.
 * @param failures in a row, 1 or more
 * @param random from 0 to 1
 */
export function backoffDelay(failures: number, { firstMs, longestMs }: BackoffBounds, random: number): number {
  const full = Math.min(longestMs, firstMs * 2 ** (failures - 1));
  return full * (0.5 + random / 2);
}
