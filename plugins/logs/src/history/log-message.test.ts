import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeLogMessage } from './log-message.ts';

const ENTRY = { timestamp: '2026-11-28T09:00:00.123Z', level: 'INFO', target: 'shop', message: 'sold' };
const FULL = { ...ENTRY, fields: { item: 7, nested: { deep: [null] } }, span: { id: 's', trace_id: 't', parent_id: 'p' } };
const MAX_BYTES = 100_000;

function decode(message: string | Uint8Array): { entries: unknown[]; invalid: number } {
  const { entries, invalid } = decodeLogMessage(message, MAX_BYTES);
  return { entries: entries.map((text) => JSON.parse(text)), invalid };
}

test.each([
  ['one entry', JSON.stringify(FULL), [FULL]],
  ['a batch', JSON.stringify([ENTRY, FULL]), [ENTRY, FULL]],
  ['nothing', '[]', []],
  ['zlib', deflateSync(JSON.stringify([ENTRY, FULL])), [ENTRY, FULL]],
  ['raw deflate', deflateRawSync(JSON.stringify(ENTRY)), [ENTRY]],
  ['gzip', gzipSync(JSON.stringify(ENTRY)), [ENTRY]],
  ['members that it does not know, and absent ones as null', JSON.stringify({ ...ENTRY, span: null, fields: null, more: 1 }), [ENTRY]],
  ['span ids as numbers', JSON.stringify({ ...ENTRY, span: { id: 1, trace_id: 2, parent_id: null } }), [{ ...ENTRY, span: { id: 1, trace_id: 2 } }]],
])('%s is read', (_what, message, entries) => {
  expect(decode(message)).toEqual({ entries, invalid: 0 });
});

test.each([
  ['an unknown level', { level: 'info' }],
  ['a time of its own', { timestamp: 'yesterday' }],
  ['a date that is none', { timestamp: '2026-13-01T00:00:00Z' }],
  ['a number as time', { timestamp: 1_700_000_000 }],
  ['no target', { target: undefined }],
  ['a message that is no text', { message: {} }],
  ['fields as list', { fields: [] }],
  ['a span without trace', { span: { id: 's' } }],
  ['a span with a broken parent', { span: { id: 's', trace_id: 't', parent_id: {} } }],
  ['a span that is a text', { span: 's' }],
])('an entry with %s is none, and the others of its batch are kept', (_what, changes) => {
  expect(decode(JSON.stringify([ENTRY, { ...ENTRY, ...changes }]))).toEqual({ entries: [ENTRY], invalid: 1 });
});

test('what unpacks to more than it may costs no more than that', () => {
  const bomb = deflateSync(Buffer.alloc(50_000_000, ' '));
  expect(decodeLogMessage(bomb, MAX_BYTES)).toEqual({ entries: [], invalid: 1, bytes: MAX_BYTES });
  expect(decode(JSON.stringify({ ...ENTRY, message: 'x'.repeat(MAX_BYTES) }))).toEqual({ entries: [], invalid: 1 });
});

test('what is nested so deep that readers would give up is no entry', () => {
  const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`;
  expect(decode(`[${JSON.stringify(ENTRY)},{"timestamp":"${ENTRY.timestamp}","level":"INFO","target":"t","message":"m","fields":{"deep":${deep}}}]`)).toEqual({ entries: [ENTRY], invalid: 1 });
});

test('whatever comes is read or not, and what is read is read again', () => {
  const entry = fc.record({ timestamp: fc.constantFrom(ENTRY.timestamp, 'x'), level: fc.constantFrom('ERROR', 'x'), target: fc.string(), message: fc.string(), fields: fc.jsonValue(), span: fc.jsonValue() }, { requiredKeys: ['timestamp'] });
  const message = fc.oneof(fc.string(), fc.json(), fc.array(entry).map((entries) => JSON.stringify(entries)));
  fc.assert(
    fc.property(fc.oneof(message, fc.uint8Array({ maxLength: 200 }), message.map((text) => deflateSync(text))), (given) => {
      const { entries } = decodeLogMessage(given, MAX_BYTES);
      for (const text of entries) expect(decodeLogMessage(text, MAX_BYTES).entries).toEqual([text]);
    }),
  );
});
