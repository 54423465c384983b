import { expect, it } from 'vitest';
import { Histogram } from './histogram.ts';

it('counts each observation in its bucket and all larger ones, bounds included', () => {
  const histogram = new Histogram([1, 2, 5]);
  for (const value of [0, 1, 1.5, 2, 7]) histogram.observe(value);
  expect(histogram.sample({ a: 'b' })).toEqual({
    labels: { a: 'b' },
    buckets: [{ le: 1, count: 2 }, { le: 2, count: 4 }, { le: 5, count: 4 }],
    sum: 11.5,
    count: 5,
  });
});
