import { expect, test } from 'vitest';
import { backoffDelay, completeBackoff } from './backoff.ts';

test('pauses double up to the longest, and chance only shortens them', () => {
  const backoff = completeBackoff({ minMs: 1_000, maxMs: 5_000, jitter: 0.5 });
  expect([1, 2, 3, 4, 10_000].map((failures) => backoffDelay(failures, backoff, 0))).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  expect(backoffDelay(2, backoff, 1)).toBe(1_000);
  expect(backoffDelay(3, { ...backoff, jitter: 0 }, 1)).toBe(4_000);
});

test.each([{ minMs: -1 }, { minMs: Number.NaN }, { minMs: 100, maxMs: 99 }, { maxMs: Infinity }, { jitter: 1.1 }, { jitter: -0.1 }])('%j is refused', (options) => {
  expect(() => completeBackoff(options)).toThrow(RangeError);
});
