import { expect, it } from 'vitest';
import { Liveness } from './liveness.ts';

const BOUNDS = { disconnectedAfterMs: 3000, closedAfterMs: 6000 };

it('goes from alive to quiet to silent to gone, and back with the next packet', () => {
  const liveness = new Liveness(BOUNDS, 0);
  expect(liveness.check(1999)).toBe('alive');
  expect(liveness.check(2000)).toBe('quiet');
  expect(liveness.check(2999)).toBe('quiet');
  expect(liveness.check(3000)).toBe('silent');
  expect(liveness.check(5999)).toBe('silent');
  liveness.touch(5999);
  expect(liveness.check(6000)).toBe('alive');
  expect(liveness.check(11_999)).toBe('gone');
});

it('does not count the time in which this process stood still', () => {
  const liveness = new Liveness(BOUNDS, 0);
  liveness.forgive(10_000);
  expect(liveness.check(11_999)).toBe('alive');
  expect(liveness.check(13_000)).toBe('silent');
});

it('takes who said goodbye for gone after a short silence, and back with a sign of life', () => {
  const liveness = new Liveness(BOUNDS, 0);
  liveness.goodbye();
  expect(liveness.check(1)).toBe('quiet');
  expect(liveness.check(1500)).toBe('gone');
  liveness.touch(1000);
  expect(liveness.saidGoodbye).toBe(false);
  expect(liveness.check(2501)).toBe('alive');
});
