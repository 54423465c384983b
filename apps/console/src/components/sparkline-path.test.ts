import { expect, test } from 'vitest';
import { sparklinePath } from './sparkline-path.ts';

const box = { capacity: 5, width: 100, height: 20 };

test('ends at the right edge and keeps the newest values', () => {
  expect(sparklinePath([0, 10, 0], box).line).toBe('M50.0 20.0L75.0 1.8L100.0 20.0');
  expect(sparklinePath([99, 0, 0, 0, 0, 0], box).line).toBe('M0.0 20.0L25.0 20.0L50.0 20.0L75.0 20.0L100.0 20.0');
});

test('the area closes along the bottom', () => {
  expect(sparklinePath([1, 1], box).area).toMatch(/L100 20L75\.0 20Z$/);
});

test('one value is no line', () => {
  expect(sparklinePath([], box)).toEqual({ line: '', area: '' });
  expect(sparklinePath([1], box)).toEqual({ line: '', area: '' });
});
