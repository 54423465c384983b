import { expect, it } from 'vitest';
import { formatTable } from './table.ts';

it('aligns the first column to the left and the others to the right', () => {
  expect(formatTable([['name', 'value'], ['a', '1'], ['longer', '100']])).toBe('  name    value\n  a           1\n  longer    100');
});

it('takes short rows and none', () => {
  expect(formatTable([['a', 'b', 'c'], ['d']])).toBe('  a  b  c\n  d');
  expect(formatTable([])).toBe('');
});
