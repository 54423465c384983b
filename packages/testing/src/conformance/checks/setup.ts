import type { Check } from '../check.ts';
import { NO_MODULE_STATE, demand } from '../fault.ts';
import { Trial } from '../trial.ts';

/** The plugin becomes ready, after those that it depends on, and does the same in every manager. */
export const setup: Check = {
  title: 'sets up in time, the same in every manager',
  async run(subject) {
    await using first = await Trial.ready(subject);
    await using second = await Trial.ready(subject);
    demand(first.held === second.held, `It made ${first.held} in one manager, and ${second.held} in another; ${NO_MODULE_STATE}`);
  },
};
