const NOTHING = '–';

/** A dash stands for what was not measured. */
export function formatNumber(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? NOTHING : value.toFixed(digits);
}

/** @param share 0 to 1 */
export function formatPercent(share: number | undefined, digits: number): string {
  return share === undefined ? NOTHING : `${formatNumber(share * 100, digits)} %`;
}

export function formatRatio(value: number | undefined): string {
  return value === undefined ? NOTHING : `${value.toFixed(1)} ×`;
}
