import { expect, it } from 'vitest';
import { RateBudget } from './rate-budget.ts';

it('gives what a second allows and refills with time', () => {
  const budget = new RateBudget(10, 0);
  const taken = Array.from({ length: 12 }, () => budget.take(0));
  expect(taken.filter(Boolean)).toHaveLength(10);
  expect(budget.take(100)).toBe(true);
  expect(budget.take(100)).toBe(false);
});

it('does not save up more than a second\'s worth', () => {
  const budget = new RateBudget(5, 0);
  const taken = Array.from({ length: 20 }, () => budget.take(60_000));
  expect(taken.filter(Boolean)).toHaveLength(5);
});
