import { describe, expect, it } from 'vitest';
import { percentile, ratio } from './statistics.ts';

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it('takes the sample of the nearest rank, in whatever order they came', () => {
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
  });

  it('sorts by number, not by text', () => {
    expect(percentile([9, 10, 100], 0.5)).toBe(10);
  });

  it('gives the only sample for every share, and nothing for none', () => {
    expect(percentile([7], 0.01)).toBe(7);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeUndefined();
  });

  it('leaves the samples as they are', () => {
    const samples = [3, 1, 2];
    percentile(samples, 0.5);
    expect(samples).toEqual([3, 1, 2]);
  });
});

describe('ratio', () => {
  it('divides', () => {
    expect(ratio(30, 4)).toBe(7.5);
  });

  it('is unknown when a side is missing or there is nothing to divide by', () => {
    expect(ratio(undefined, 4)).toBeUndefined();
    expect(ratio(30, undefined)).toBeUndefined();
    expect(ratio(30, 0)).toBeUndefined();
  });
});
