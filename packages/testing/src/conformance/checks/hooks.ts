import { settle } from '@sluice/core/testing';
import type { Check } from '../check.ts';
import type { Subject } from '../conformance-options.ts';
import { demand } from '../fault.ts';
import type { ObservedHook } from '../observe-plugin.ts';
import { outcomeWithin } from '../patience.ts';
import { Trial } from '../trial.ts';

/** A hook whose answer nobody waits for any more stops its work. */
export const hooks: Check = {
  title: 'ends its hooks when they are aborted',
  async run(subject) {
    await using trial = await Trial.ready(subject);
    if (trial.observed.hooks.size === 0) return 'it has no hooks';
    for (const hook of trial.observed.hooks) {
      await abortHook(subject, trial, hook, async () => undefined);
      await abortHook(subject, trial, hook, settle);
    }
    return undefined;
  },
};

/** Time stands still here: a hook must end because of the signal, not because of a timer. */
async function abortHook({ deadlineMs }: Subject, trial: Trial, hook: ObservedHook, wait: () => Promise<void>): Promise<void> {
  const timers = trial.clock.pending;
  const controller = new AbortController();
  const call = (async () => hook.call(controller.signal))();
  call.catch(() => undefined);
  await wait();
  controller.abort();
  const outcome = await outcomeWithin(deadlineMs, call);
  demand(
    outcome !== undefined,
    `Its ${hook.point} hook went on for ${deadlineMs} ms after its signal was aborted; hand the signal to fetch and the like, and look at signal.aborted first.`,
  );
  demand(trial.clock.pending <= timers, `Its ${hook.point} hook was aborted and left a timer armed; cancel it on abort.`);
}
