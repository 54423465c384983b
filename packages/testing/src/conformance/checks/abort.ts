import { MediaError, type NegotiationRequest } from '@sluice/core';
import { type Check, NO_TYPES } from '../check.ts';
import type { Subject } from '../conformance-options.ts';
import { demand } from '../fault.ts';
import { Trial } from '../trial.ts';

/** When the client leaves, relative to the plugin's work. */
const MOMENTS = {
  'while negotiate ran': (trial: Trial, leave: () => void) => {
    trial.observed.onNegotiate = leave;
  },
  'before its answer was made': (trial: Trial, leave: () => void) => {
    trial.manager.setListener(leave);
  },
} as const;

/** A client that is gone costs nothing any more. */
export const abort: Check = {
  title: 'gives up when the client goes away',
  async run(subject) {
    await using trial = await Trial.ready(subject);
    if (trial.types.length === 0) return NO_TYPES;
    for (const type of trial.types) {
      for (const [when, prepare] of Object.entries(MOMENTS)) await leaveEarly(subject, type, when, prepare);
      await leaveWithoutStream(subject, type);
    }
    return undefined;
  },
};

async function leaveEarly(subject: Subject, type: string, when: string, prepare: (trial: Trial, leave: () => void) => void): Promise<void> {
  await using trial = await Trial.ready(subject);
  trial.ensureStream();
  const client = new AbortController();
  prepare(trial, () => client.abort());
  await demandGivenUp(trial, type, trial.request({ signal: client.signal }), `When the client of '${type}' left ${when}`);
}

/** A viewer may leave before there is anything to see. */
async function leaveWithoutStream(subject: Subject, type: string): Promise<void> {
  await using trial = await Trial.ready(subject);
  if (trial.access !== 'play') return;
  const client = new AbortController();
  trial.observed.onNegotiate = () => client.abort();
  await demandGivenUp(trial, type, trial.request({ signal: client.signal }), `When the viewer of '${type}' left before its stream came`);
}

async function demandGivenUp(trial: Trial, type: string, request: NegotiationRequest, when: string): Promise<void> {
  const error = await trial.refusal(`'${type}' for a client that left`, trial.manager.negotiateSdp(type, request));
  demand(MediaError.is(error) && error.code === 'REQUEST_ABORTED', `${when}, its negotiation did not end with REQUEST_ABORTED.`);
  await trial.demandNothingOpen(when);
}
