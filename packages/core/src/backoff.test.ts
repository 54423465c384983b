import { expect, test } from 'vitest';
import { backoffDelay } from './backoff.ts';

test('the pause doubles up to its bound, and half of it is chance', () => {
  const bounds = { firstMs: 1_000, longestMs: 5_000 };
  expect([1, 2, 3, 4, 100].map((failures) => backoffDelay(failures, bounds, 1))).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  expect(backoffDelay(3, bounds, 0)).toBe(2_000);
});
