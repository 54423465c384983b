import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEnvelope } from './envelope.ts';
import { decodeServerMessage } from './server-message.ts';

const good = { type: 'welcome', peer_id: 7, message_id: 'm', timestamp: 1_767_225_600_000, data: { a: 1 } };
const decode = (changes: object) => decodeEnvelope(JSON.stringify({ ...good, ...changes }));

test('ids keep their types, and what is optional may be missing', () => {
  expect(decode({})).toEqual({ type: 'welcome', peerId: 7, messageId: 'm', timestamp: 1_767_225_600_000, data: { a: 1 }, error: undefined });
  expect(decode({ peer_id: '7', data: undefined, error: { code: 'X', message: 'Y', details: 'Z' } })).toMatchObject({ peerId: '7', data: {}, error: { code: 'X', message: 'Y', details: 'Z' } });
});

test.each([
  { type: '' },
  { type: 1 },
  { peer_id: null },
  { peer_id: undefined },
  { peer_id: {} },
  { message_id: true },
  { timestamp: '1' },
  { timestamp: 1.5 },
  { timestamp: 1e300 },
  { data: [] },
  { data: 'x' },
  { data: null },
  { error: 'x' },
  { error: [] },
  { error: { code: 1, message: 'x' } },
  { error: { code: 'X' } },
  { error: { code: 'X', message: 'Y', details: { a: 1 } } },
])('%j is refused', (changes) => {
  expect(decode(changes)).toBeTypeOf('string');
});

test.each([
  ['welcome', {}],
  ['welcome', { session_config: { heartbeat_interval: '5' } }],
  ['welcome', { session_config: { heartbeat_interval: 0 } }],
  ['offer', { sdp: 'v=0' }],
  ['offer', { sdp: { type: 'answer', sdp: 'v=0' } }],
  ['answer', { sdp: { type: 'answer' } }],
  ['ice-candidate', {}],
  ['ice-candidate', { candidate: { candidate: 1 } }],
  ['ice-candidate', { candidate: { candidate: '', sdpMid: 0 } }],
  ['ice-candidate', { candidate: { candidate: '', sdpMLineIndex: '0' } }],
  ['error', {}],
  ['mouse-move', { x: 1 }],
  ['mouse-click', { x: 1, y: 2, modifiers: [1] }],
  ['key-press', { key: 1 }],
  ['key-press', { key: 'a', repeat: 'yes' }],
  ['key-press', { key: 'a', action: 1 }],
])('%s with %j is refused', (type, data) => {
  const envelope = decode({ type, data });
  expect(typeof envelope === 'string' ? undefined : decodeServerMessage(envelope)).toBeTypeOf('string');
});

test('no text makes a decoder throw', () => {
  const member = fc.oneof(fc.jsonValue(), fc.record({ type: fc.jsonValue(), sdp: fc.jsonValue(), candidate: fc.jsonValue(), code: fc.jsonValue(), message: fc.jsonValue() }));
  const type = fc.constantFrom('welcome', 'offer', 'answer', 'ice-candidate', 'pong', 'stats', 'error', 'mouse-move', 'key-press', 'x');
  const data = fc.dictionary(fc.constantFrom('sdp', 'candidate', 'session_config', 'x', 'y', 'key', 'modifiers', 'session_id', '__proto__'), member);
  fc.assert(
    fc.property(fc.record({ type, peer_id: fc.oneof(fc.string(), fc.integer()), message_id: fc.string(), timestamp: fc.integer(), data, error: fc.option(member, { nil: undefined }) }), (message) => {
      const envelope = decodeEnvelope(JSON.stringify(message));
      return typeof envelope === 'string' || ['string', 'object'].includes(typeof decodeServerMessage(envelope));
    }),
  );
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => typeof decodeEnvelope(text) === 'string'));
});
