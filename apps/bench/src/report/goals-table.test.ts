import { expect, it } from 'vitest';
import { formatGoals } from './goals-table.ts';

/** Cells of the line that starts with a label. */
function cellsOf(text: string, label: string): string[] {
  const line = text.split('\n').find((candidate) => candidate.trimStart().startsWith(label));
  return (line ?? '').trim().split(/ {2,}/);
}

it('puts goal, measurement and verdict in one line', () => {
  const text = formatGoals([
    { goal: 'forwardNative', label: '10 viewers', value: 3.456 },
    { goal: 'capacity', value: 400 },
    { goal: 'memory', value: undefined },
  ]);
  expect(cellsOf(text, 'CPU per forwarded')).toEqual(['CPU per forwarded packet, native tier, 10 viewers', '≤ 5 µs', '≤ 3.5 µs', '3.46 µs', '1.45', 'yes, stretch']);
  expect(cellsOf(text, 'viewers of')).toEqual(['viewers of 2.25 Mbit/s without loss, load generator included', '≥ 500', '≥ 800', '400', '0.80', 'NO']);
  expect(cellsOf(text, 'memory')).toEqual(['memory per connected viewer', '≤ 120 KB', '≤ 60 KB', '– KB', '–', 'not measured']);
});
