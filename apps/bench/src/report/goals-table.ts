import { type Figure, GOALS, type Goal, type Verdict, judge } from '../goals.ts';
import { formatNumber } from './format.ts';
import { formatTable } from './table.ts';

const VERDICTS: Readonly<Record<Verdict, string>> = {
  stretch: 'yes, stretch',
  reached: 'yes',
  missed: 'NO',
  'not measured': 'not measured',
};

/** All goals that were measured, one line each. */
export function formatGoals(figures: readonly Figure[]): string {
  return formatTable([['what', 'goal', 'stretch', 'measured', 'ratio', 'reached'], ...figures.map(rowOf)]);
}

function rowOf(figure: Figure): string[] {
  const goal: Goal = GOALS[figure.goal];
  const { verdict, ratio } = judge(figure);
  return [
    figure.label === undefined ? goal.what : `${goal.what}, ${figure.label}`,
    boundOf(goal, goal.goal),
    boundOf(goal, goal.stretch),
    withUnit(goal, formatNumber(figure.value, digitsOf(figure.value))),
    formatNumber(ratio, 2),
    VERDICTS[verdict],
  ];
}

function boundOf(goal: Goal, bound: number | undefined): string {
  if (bound === undefined) return '';
  return `${goal.better === 'lower' ? '≤' : '≥'} ${withUnit(goal, String(bound))}`;
}

function withUnit({ unit }: Goal, text: string): string {
  return unit === '' ? text : `${text} ${unit}`;
}

/** Three digits that tell something, and no more behind the point than there are. */
function digitsOf(value: number | undefined): number {
  if (value === undefined || Number.isInteger(value) || value >= 100) return 0;
  return value >= 10 ? 1 : 2;
}
