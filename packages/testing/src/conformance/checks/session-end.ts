import type { Negotiated } from '@sluice/core';
import { settle } from '@sluice/core/testing';
import { type Check, NO_TYPES } from '../check.ts';
import type { Subject } from '../conformance-options.ts';
import { demand } from '../fault.ts';
import { Trial } from '../trial.ts';

interface Ending {
  readonly when: string;
  /** A session without transport does not see its peer leave. */
  readonly needsTransport?: boolean;
  readonly end: (trial: Trial, negotiated: Negotiated) => Promise<void>;
}

const ENDINGS: readonly Ending[] = [
  {
    when: 'it was closed by its token',
    end: (trial, { record }) => trial.complete(`close of a session of '${record.type}'`, trial.manager.closeSession(record.id, 'asked to')),
  },
  {
    when: 'its peer left',
    needsTransport: true,
    end: async ({ engine }) => {
      for (const transport of engine.transports) transport.setState('closed', 'the peer left');
      await settle();
    },
  },
  { when: 'the manager closed', end: (trial) => trial.close() },
  { when: 'the plugin was removed', end: (trial) => trial.remove() },
];

/** A session ends however it ends, and everybody learns it once. */
export const sessionEnd: Check = {
  title: 'ends every session once, and tells it once',
  async run(subject) {
    await using trial = await Trial.ready(subject);
    if (trial.types.length === 0) return NO_TYPES;
    for (const type of trial.types) {
      for (const ending of ENDINGS) await endSession(subject, type, ending);
    }
    return undefined;
  },
};

async function endSession(subject: Subject, type: string, { when, needsTransport = false, end }: Ending): Promise<void> {
  await using trial = await Trial.ready(subject);
  const negotiated = await trial.openSession(type);
  if (needsTransport && trial.engine.transportCount === 0) return;
  const { session } = negotiated.record;
  let told = 0;
  session.onClosed(() => (told += 1));
  await end(trial, negotiated);

  const what = `When ${when}, a session of '${type}'`;
  demand(session.closed, `${what} did not say closed; close it with its transport (createTransportSession does).`);
  demand(told === 1, `${what} called its onClosed listeners ${told} times; call each once.`);
  let toldLate = 0;
  session.onClosed(() => (toldLate += 1));
  demand(toldLate === 1, `${what} did not call an onClosed listener that came later; call it at once.`);
  await trial.complete(`A second close of a session of '${type}'`, session.close('again'));
  demand(told === 1, `${what} called its onClosed listeners again when it was closed twice; close must do nothing the second time.`);
  await settle();
  const summaries = trial.summaries.filter(({ sessionId }) => sessionId === negotiated.record.id).length;
  demand(summaries === 1, `${what} made ${summaries} session-closed notifications; every session makes one.`);
  await trial.demandNothingOpen(`${what} had ended, but`);
}
