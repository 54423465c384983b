import { expect, onTestFinished, test } from 'vitest';
import { LoopWatch } from './loop-watch.ts';

test('a loop that stood still is noticed by who asks first, and one that did not is not', () => {
  const patient = new LoopWatch(60_000);
  const watch = new LoopWatch(50);
  onTestFinished(() => [watch, patient].forEach((each) => each.close()));
  expect(watch.problem()).toBeUndefined();
  const until = performance.now() + 400;
  while (performance.now() < until) continue;
  expect(watch.problem()).toMatch(/^the event loop stood still for \d+ ms lately$/);
  expect(patient.problem()).toBeUndefined();
});
