import { type Check, NO_TYPES } from '../check.ts';
import type { Subject } from '../conformance-options.ts';
import { demand } from '../fault.ts';
import { Trial } from '../trial.ts';

/** An offer becomes an answer and an open session. */
export const negotiation: Check = {
  title: 'negotiates every type',
  async run(subject) {
    await using trial = await Trial.ready(subject);
    if (trial.types.length === 0) return NO_TYPES;
    for (const type of trial.types) await negotiate(subject, type);
    return undefined;
  },
};

async function negotiate(subject: Subject, type: string): Promise<void> {
  await using trial = await Trial.ready(subject);
  const { record } = await trial.openSession(type);
  const { session } = record;
  demand(!session.closed, `A session of '${type}' closed as soon as its peer connected; let it live until its transport closes.`);
  const saysTrickle = trial.observed.plugin.capabilities?.trickle === true;
  const canTrickle = typeof session.trickle === 'function';
  demand(canTrickle || !saysTrickle, `Its capabilities say trickle, but a session of '${type}' has no trickle method; add it or leave the capability out.`);
  const candidate = { candidate: '1 1 udp 2130706431 192.0.2.1 50000 typ host' };
  await trial.complete(`trickle of '${type}'`, (async () => session.trickle?.({ candidates: [candidate] }))());
  await trial.complete(`stats of '${type}'`, (async () => session.stats?.())());
}
