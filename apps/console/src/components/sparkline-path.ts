/** SVG paths of a curve that ends at the right edge. */
export interface SparklinePath {
  readonly line: string;
  /** The line, closed along the bottom. */
  readonly area: string;
}

/** Draws values, oldest first, over a box; the largest one nearly touches the top. Empty for fewer than two. */
export function sparklinePath(
  values: readonly number[],
  { capacity, width, height }: { readonly capacity: number; readonly width: number; readonly height: number },
): SparklinePath {
  const shown = values.slice(-capacity);
  if (shown.length < 2) return { line: '', area: '' };
  const top = Math.max(...shown, 1) * 1.1;
  const step = width / (capacity - 1);
  const left = width - (shown.length - 1) * step;
  const points = shown.map((value, at) => `${(left + at * step).toFixed(1)} ${(height - (value / top) * height).toFixed(1)}`);
  const line = `M${points.join('L')}`;
  return { line, area: `${line}L${width} ${height}L${left.toFixed(1)} ${height}Z` };
}
