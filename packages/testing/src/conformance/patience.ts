import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeClock } from '@sluice/core/testing';

/** What has come of work that was waited for. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown } | undefined;

/**
 * Waits for foreign code in real time, because it may read files and talk to networks.
 * A clock that is given moves along with it.
 * @returns undefined when the work has not ended in time
 */
export async function outcomeWithin<T>(deadlineMs: number, work: Promise<T>, clock?: FakeClock): Promise<Outcome<T>> {
  let outcome: Outcome<T>;
  work.then(
    (value) => (outcome = { value }),
    (error: unknown) => (outcome = { error }),
  );
  await becomesTrue(deadlineMs, () => outcome !== undefined, clock);
  return outcome;
}

/** Polls a condition in real time; a clock that is given moves along with it. */
export async function becomesTrue(deadlineMs: number, condition: () => boolean, clock?: FakeClock): Promise<boolean> {
  const startedAt = performance.now();
  let movedTo = startedAt;
  while (!condition()) {
    const now = performance.now();
    if (now - startedAt > deadlineMs) return false;
    await clock?.advance(now - movedTo);
    movedTo = now;
    await sleep(1);
  }
  return true;
}
