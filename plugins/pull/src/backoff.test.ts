import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const RULES = { backoffMs: 500, maxBackoffMs: 5_000 };

test('doubles, half of it at random, up to the longest', () => {
  expect([1, 2, 3, 4, 5, 50, 5000].map((failures) => backoffMs(RULES, failures, undefined, 1))).toEqual([500, 1000, 2000, 4000, 5000, 5000, 5000]);
  expect(backoffMs(RULES, 2, undefined, 0)).toBe(500);
});

test('waits as long as the server asks, but no longer than the longest', () => {
  expect(backoffMs(RULES, 1, 3_000, 0)).toBe(3_000);
  expect(backoffMs(RULES, 1, 3_600_000, 0)).toBe(5_000);
});

test('never leaves its bounds', () => {
  fc.assert(fc.property(fc.integer({ min: 1 }), fc.option(fc.nat(), { nil: undefined }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, asked, random) => {
    const wait = backoffMs(RULES, failures, asked, random);
    expect(wait >= 250 && wait <= 5_000).toBe(true);
  }));
});
