import { expect, test } from 'vitest';
import { EndpointError } from '../endpoint/endpoint-error.ts';
import { SignallingError } from '../whip-whep/signalling-error.ts';
import { type Situation, situationWords } from './words.ts';

const refused = (status: number, words?: string): EndpointError => new EndpointError('signalling', 'The server said no.', new SignallingError('refused', 'no', { status, words }));

test.each([
  [{ state: 'new' }, 'Ready to play'],
  [{ state: 'connecting', step: 'negotiating' }, 'Waiting for the stream…'],
  [{ state: 'connecting', step: 'capturing', purpose: 'publish' }, 'Waiting for the camera…'],
  [{ state: 'connected' }, 'Live'],
  [{ state: 'reconnecting' }, 'interrupted'],
  [{ state: 'reconnecting', error: refused(404) }, 'not live yet'],
  [{ state: 'reconnecting', error: refused(200, 'stream not found') }, 'not live yet'],
  [{ state: 'reconnecting', error: new EndpointError('ended-by-server', 'ended') }, 'has stopped'],
  [{ state: 'reconnecting', error: refused(503) }, 'Trying again'],
  [{ state: 'failed', error: refused(401) }, 'token'],
  [{ state: 'failed', error: refused(200, 'already publishing'), purpose: 'publish' }, 'Somebody else'],
  [{ state: 'failed', error: refused(422) }, 'The server said no.'],
] satisfies [Partial<Situation> & Pick<Situation, 'state'>, string][])('%j is told as: %s', (situation, words) => {
  expect(situationWords({ purpose: 'play', step: undefined, error: undefined, ...situation })).toContain(words);
});
