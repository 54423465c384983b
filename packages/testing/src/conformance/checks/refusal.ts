import { MediaError } from '@sluice/core';
import { sampleOffer } from '@sluice/core/testing';
import { type Check, NO_TYPES } from '../check.ts';
import type { Subject } from '../conformance-options.ts';
import { Fault, demand, wordsOf } from '../fault.ts';
import { Trial } from '../trial.ts';

/** Offers of a right form that few clients make; a plugin may answer or refuse them. */
const UNUSUAL_OFFERS = [
  ['audio only', sampleOffer(['audio'])],
  ['video only', sampleOffer(['video'])],
  ['a data channel only', sampleOffer(['application'])],
  ['an m-line of an unknown kind', sampleOffer(['audio']).replaceAll('audio', 'garbage')],
] as const;

/** What cannot be answered ends with an error that a client can read, and nothing stays open. */
export const refusal: Check = {
  title: 'refuses what it cannot answer, and leaves nothing open',
  async run(subject) {
    await using trial = await Trial.ready(subject);
    if (trial.types.length === 0) return NO_TYPES;
    for (const type of trial.types) {
      await offerGarbage(subject, type);
      await letEngineRefuse(subject, type);
      for (const [what, offer] of UNUSUAL_OFFERS) await offerUnusual(subject, type, what, offer);
    }
    return undefined;
  },
};

async function offerGarbage(subject: Subject, type: string): Promise<void> {
  await using trial = await Trial.ready(subject);
  trial.ensureStream();
  const error = await trial.refusal(`'${type}' with garbage`, trial.manager.negotiateSdp(type, trial.request({ offer: 'garbage' })));
  demand(MediaError.is(error), `'${type}' took the text "garbage" for an offer; refuse it with a MediaError.`);
  await trial.demandNothingOpen(`After '${type}' refused garbage`);
}

async function letEngineRefuse(subject: Subject, type: string): Promise<void> {
  await using trial = await Trial.ready(subject);
  trial.ensureStream();
  const before = trial.engine.transports.length;
  trial.engine.answerError = new MediaError('OFFER_UNACCEPTABLE', 'The engine cannot use this offer.');
  const error = await trial.refusal(`'${type}' with an offer that the engine refuses`, trial.manager.negotiateSdp(type, trial.request()));
  // A plugin that answers without the engine has nothing to be refused.
  if (error === undefined && trial.engine.transports.length === before) return;
  demand(error !== undefined, `'${type}' gave an answer although transport.answer had refused the offer; let its error through.`);
  const isThrough = MediaError.is(error) && error.code === 'OFFER_UNACCEPTABLE';
  demand(isThrough, `'${type}' made another error of the engine's OFFER_UNACCEPTABLE (${wordsOf(error)}); let it through, so that the client reads it.`);
  await trial.demandNothingOpen(`After the engine refused an offer of '${type}'`);
}

async function offerUnusual(subject: Subject, type: string, what: string, offer: string): Promise<void> {
  await using trial = await Trial.ready(subject);
  trial.ensureStream();
  const error = await trial.refusal(`'${type}' with ${what}`, trial.manager.negotiateSdp(type, trial.request({ offer })));
  if (MediaError.is(error) && error.code === 'PLUGIN_FAILED') {
    throw new Fault(`'${type}' fails on an offer with ${what} (${causeOf(error)}); answer it, or throw a MediaError that says what is missing.`);
  }
  if (error !== undefined) await trial.demandNothingOpen(`After '${type}' refused an offer with ${what}`);
}

function causeOf(error: MediaError): string {
  return wordsOf(error.cause ?? error);
}
