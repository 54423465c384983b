import { EndpointError, SignallingError } from '@sluice/client';
import { expect, test } from 'vitest';
import { type Attempt, errorWords } from './error-words.ts';
import { RequestError, requestErrorOf } from './request-error.ts';

const play: Attempt = { action: 'play', stream: 'live/x' };
const publish: Attempt = { action: 'publish', stream: 'live/x', source: 'camera' };

test.each<[number, Attempt, string]>([
  [409, publish, 'Someone already publishes live/x. Choose another name.'],
  [404, play, 'Nobody publishes live/x, and it did not appear in time.'],
  [404, publish, 'The server does not offer this: the plugin for it is not loaded.'],
  [401, play, 'The server wants to know who you are. Add what it asks for to the name, for example live/x?token=…'],
  [403, play, 'The server refused: no key.'],
  [422, play, 'The server cannot use what this browser offers: no key.'],
  [0, { ...publish, action: 'echo' }, 'The server refused: no key.'],
  [500, play, 'The server answered with error 500: no key.'],
])('status %i', (status, attempt, words) => {
  expect(errorWords(new RequestError(status, 'no key'), attempt)).toBe(words);
});

test.each<[SignallingError, string]>([
  [new SignallingError('refused', 'The server answered 403: no key', { status: 403, words: 'no key' }), 'The server refused: no key.'],
  [new SignallingError('refused', 'The server answered 503', { status: 503, retryAfterMs: 30_000 }), 'in 30 seconds'],
  [new SignallingError('refused', 'The server refused', { status: 200, code: -400, words: 'no key' }), 'The server refused: no key.'],
  [new SignallingError('network', 'away'), 'cannot be reached'],
  [new SignallingError('timeout', 'late'), 'took too long'],
  [new SignallingError('redirect', 'The server redirects.'), 'The server redirects.'],
])('what an endpoint says: %s', (cause, words) => {
  expect(errorWords(new EndpointError('signalling', cause.message, cause), play)).toContain(words);
});

test('of a camera that could not be opened the browser says why, or the endpoint', () => {
  expect(errorWords(new EndpointError('capture', '…', new DOMException('…', 'NotFoundError')), publish)).toContain('No camera was found');
  expect(errorWords(new EndpointError('capture', 'Only on https.'), publish)).toBe('Only on https.');
});

test('a full server says when to come back', () => {
  expect(errorWords(new RequestError(503, '', { retryAfter: 30 }), play)).toContain('in 30 seconds');
  expect(errorWords(new RequestError(503, ''), play)).toContain('in 5 seconds');
});

test.each<[string, Attempt, string]>([
  ['NotAllowedError', publish, 'may not use the camera'],
  ['NotAllowedError', { ...publish, source: 'screen' }, 'was not shared'],
  ['NotFoundError', publish, 'No camera was found'],
  ['NotReadableError', publish, 'in use by another program'],
  ['TimeoutError', play, 'took too long'],
])('%s', (name, attempt, words) => {
  expect(errorWords(new DOMException('…', name), attempt)).toContain(words);
});

test('no answer at all', () => {
  expect(errorWords(new TypeError('Failed to fetch'), play)).toContain('cannot be reached');
});

test('anything else keeps its own words', () => {
  expect(errorWords(new Error('odd'), play)).toBe('It did not work: odd.');
  expect(errorWords('odd!', play)).toBe('It did not work: odd!');
});

test('a problem document gives its words and its code', async () => {
  const body = JSON.stringify({ status: 403, detail: 'The key is missing.', code: 'FORBIDDEN' });
  const error = await requestErrorOf(new Response(body, { status: 403, headers: { 'Retry-After': '7' } }));
  expect(error).toMatchObject({ status: 403, message: 'The key is missing.', code: 'FORBIDDEN', retryAfter: 7 });
});

test.each(['', '<html>', 'null', '"text"', '{"detail":5,"code":{}}'])('an answer of %j is an error by its status alone', async (body) => {
  const error = await requestErrorOf(new Response(body, { status: 502, statusText: 'Bad Gateway' }));
  expect(error).toMatchObject({ status: 502, message: 'Bad Gateway', code: undefined, retryAfter: undefined });
});
