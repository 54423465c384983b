export interface RetryDelayOptions {
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
}

/**
 * Pause before attempt `attempts` + 1: doubles from `retryDelayMs`, and half of it is chance, so that what failed at the
 * same time is not sent again at the same time.
 * @param random from 0 to 1
 */
export function retryDelay(attempts: number, { retryDelayMs, maxRetryDelayMs }: RetryDelayOptions, random: number): number {
  const longest = Math.min(maxRetryDelayMs, retryDelayMs * 2 ** (attempts - 1));
  return longest * (0.5 + random / 2);
}
