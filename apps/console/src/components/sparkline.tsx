import type { JSX } from 'preact';
import { sparklinePath } from './sparkline-path.ts';

interface SparklineProps {
  /** Oldest first. */
  readonly values: readonly number[];
  /** How many values fill the width. */
  readonly capacity: number;
}

const WIDTH = 120;
const HEIGHT = 28;

/** A small curve; the number beside it says the same to those who do not see it. */
export function Sparkline({ values, capacity }: SparklineProps): JSX.Element {
  const { line, area } = sparklinePath(values, { capacity, width: WIDTH, height: HEIGHT });
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <path class="sparkline-area" d={area} />
      <path class="sparkline-line" d={line} />
    </svg>
  );
}
