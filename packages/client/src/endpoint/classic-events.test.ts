import { expect, test } from 'vitest';
import { Emitter } from '../events/emitter.ts';
import { SignallingError } from '../whip-whep/signalling-error.ts';
import { Events, tellClassicEvents } from './classic-events.ts';
import { EndpointError } from './endpoint-error.ts';
import type { EndpointEvents } from './events.ts';

function listen() {
  const events = new Emitter<EndpointEvents>();
  const told: unknown[] = [];
  tellClassicEvents(events);
  for (const name of Object.values(Events)) events.on(name, (event) => told.push([name, event]));
  return { events, told };
}

test('the names are those that pages know, spelt as they are', () => {
  expect(Object.entries(Events).every(([key, value]) => key === value)).toBe(true);
  expect(Object.keys(Events)).toContain('WEBRTC_OFFER_ANWSER_EXCHANGE_FAILED');
});

test.each([
  [new SignallingError('refused', 'no', { status: 200, code: -400, words: 'stream not found' }), { code: -400, msg: 'stream not found' }],
  [new SignallingError('refused', 'The server answered 403', { status: 403 }), { code: 403, msg: 'The server answered 403' }],
  [new SignallingError('network', 'away'), { code: -1, msg: 'away' }],
  [new TypeError('of the token function'), { code: -1, msg: 'words' }],
])('an exchange that failed looks as the classic API refuses: %s', (cause, refusal) => {
  const { events, told } = listen();
  events.emit('error', new EndpointError('signalling', 'words', cause));
  expect(told).toEqual([['WEBRTC_OFFER_ANWSER_EXCHANGE_FAILED', refusal]]);
});

test('a capture that failed brings the browser\'s own error, and a loss is no classic event', () => {
  const { events, told } = listen();
  const cause = new Error('NotAllowed');
  events.emit('error', new EndpointError('capture', 'words', cause));
  events.emit('error', new EndpointError('connection-lost', 'words'));
  events.emit('peerState', 'disconnected');
  expect(told).toEqual([['CAPTURE_STREAM_FAILED', cause], ['WEBRTC_ON_CONNECTION_STATE_CHANGE', 'disconnected']]);
});
