/**
 * The value below which the given share of the samples lies, by nearest rank.
 * @param share above 0, up to 1
 * @returns undefined without samples
 */
export function percentile(samples: readonly number[], share: number): number | undefined {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1];
}

/** @returns undefined when there is nothing to divide by */
export function ratio(dividend: number | undefined, divisor: number | undefined): number | undefined {
  if (dividend === undefined || divisor === undefined || divisor === 0) return undefined;
  return dividend / divisor;
}
