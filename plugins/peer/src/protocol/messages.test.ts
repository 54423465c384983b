import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PeerError } from './errors.ts';
import type { Fields } from './fields.ts';
import { INPUT_TYPES, readInput } from './input.ts';
import { readCandidate, readDescription, readStatsTypes, readStreamNames, readWishes } from './messages.ts';

const NAMES = ['sdp', 'candidate', 'sdpMid', 'session_id', 'stats_type', 'constraints', 'codec_preferences', 'app', 'stream', 'x', 'y', 'button', 'key', 'key_code', 'modifiers', 'repeat', 'action', '__proto__'];
const data: fc.Arbitrary<Fields> = fc.dictionary(fc.constantFrom(...NAMES), fc.jsonValue());

/** What a reader gives, or the code of what it throws. */
function outcomeOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error instanceof PeerError ? error.code : 'another error';
  }
}

test.each<[string, (fields: Fields) => unknown]>([
  ['names of streams', readStreamNames],
  ['wishes', readWishes],
  ['offers', (fields) => readDescription(fields, 'offer')],
  ['candidates', readCandidate],
  ['types of figures', readStatsTypes],
  ...INPUT_TYPES.map((type): [string, (fields: Fields) => unknown] => [type, (fields) => readInput(type, fields)]),
])('%s are read from any data, or it is invalid', (_what, read) => {
  fc.assert(
    fc.property(data, (fields) => {
      expect(outcomeOf(() => read(fields))).not.toBe('another error');
    }),
  );
});

test('input that is taken can be written again, and holds scalars and modifiers only', () => {
  fc.assert(
    fc.property(fc.constantFrom(...INPUT_TYPES), data, (type, fields) => {
      const input = outcomeOf(() => readInput(type, { x: 1, y: 2, key: 'a', ...fields }));
      const { modifiers = [], ...scalars } = typeof input === 'string' ? {} : (input as Fields);
      expect(Array.isArray(modifiers)).toBe(true);
      for (const value of Object.values(scalars)) expect(['string', 'number', 'boolean']).toContain(typeof value);
    }),
  );
});

test.each([
  [{}, { audio: true, video: true, codecs: [] }],
  [{ constraints: { video: true } }, { audio: true, video: true, codecs: [] }],
  [{ constraints: { video: { width: 640 }, audio: false }, codec_preferences: ['video/VP8', 'H264'] }, { audio: false, video: true, codecs: ['VP8', 'H264'] }],
])('the wishes in %j', (fields, wishes) => {
  expect(readWishes(fields)).toEqual(wishes);
});

test.each([
  [{ candidate: { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'abcd' }, session_id: 's' }, { candidate: 'candidate:1', mid: '0', mLineIndex: 0, usernameFragment: 'abcd', sessionId: 's' }],
  [{ candidate: 'candidate:1', sdpMid: '0' }, { candidate: 'candidate:1', mid: '0' }],
  [{ candidate: null }, { candidate: '' }],
])('the candidate in %j', (fields, candidate) => {
  expect(readCandidate(fields)).toEqual({ mid: undefined, mLineIndex: undefined, usernameFragment: undefined, sessionId: undefined, ...candidate });
});

test.each(INPUT_TYPES)('of %s nothing is taken that a strict client could not read', (type) => {
  const good = { x: 1, y: 2, key: 'a' };
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`n${index}`, '\u0001'.repeat(1_000)]));
  expect(outcomeOf(() => readInput(type, { ...good, ...many }))).toBe('DATA_INVALID');
  const infinite = JSON.parse('{"x":1e999,"key":null,"key_code":1e999}');
  expect(outcomeOf(() => readInput(type, { ...good, ...infinite }))).toBe('DATA_INVALID');
  expect(readInput(type, { ...good, z: JSON.parse('1e999') })).not.toHaveProperty('z');
});

test('a candidate that is far too long is not kept', () => {
  expect(outcomeOf(() => readCandidate({ candidate: 'x'.repeat(1_025) }))).toBe('DATA_INVALID');
});
