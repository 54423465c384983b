import type { Check } from '../check.ts';
import { NO_MODULE_STATE, demand } from '../fault.ts';
import { Trial } from '../trial.ts';

/** Two servers in one process do not know of each other. */
export const isolation: Check = {
  title: 'shares nothing between two managers',
  async run(subject) {
    await using first = await Trial.ready(subject);
    await using second = await Trial.ready(subject);
    const [type] = second.types;
    if (type !== undefined) await demandSeparateSessions(first, second, type);
    const before = second.held;
    await first.close();
    demand(before === second.held, `When one manager closed, another one had ${second.held} instead of ${before}; ${NO_MODULE_STATE}`);
  },
};

/** Each session lives on the engine of its own manager. */
async function demandSeparateSessions(first: Trial, second: Trial, type: string): Promise<void> {
  await first.openSession(type);
  const made = first.engine.transports.length;
  await second.openSession(type);
  const isSeparate = first.engine.transports.length === made && second.engine.transports.length === made;
  demand(isSeparate, `A session of '${type}' was made on the engine of another manager; ${NO_MODULE_STATE}`);
}
