import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOG_LEVELS, type LogEntry, decodeLogEntry, isAtLeast } from './log-entry.ts';

const ENTRY: LogEntry = { timestamp: '2026-11-28T09:00:00.123Z', level: 'INFO', target: 'http', message: 'GET /' };

describe('decodeLogEntry', () => {
  it.each([
    ['the least', ENTRY],
    ['fields and a span', { ...ENTRY, fields: { status: 200, nested: { deep: [1, null] } }, span: { id: 'b', trace_id: 'a', parent_id: 'c' } }],
    ['a span without a parent', { ...ENTRY, span: { id: 'b', trace_id: 'a' } }],
    ['an offset and nanoseconds', { ...ENTRY, timestamp: '2026-11-28T10:00:00.123456789+01:00' }],
    ['no message', { ...ENTRY, message: '' }],
  ])('keeps an entry with %s', (_what, entry) => {
    expect(decodeLogEntry(JSON.parse(JSON.stringify(entry)))).toEqual(entry);
  });

  it('reads null as absent, numbers of spans as texts, and leaves out what no entry has', () => {
    expect(decodeLogEntry({ ...ENTRY, fields: null, span: null, colour: 'red' })).toEqual(ENTRY);
    expect(decodeLogEntry({ ...ENTRY, span: { id: 7, trace_id: 1, parent_id: null } })).toEqual({ ...ENTRY, span: { id: '7', trace_id: '1' } });
  });

  it.each([
    ['no object', 'a line'],
    ['null', null],
    ['an array', [ENTRY]],
    ['an unknown level', { ...ENTRY, level: 'TRACE' }],
    ['a level in small letters', { ...ENTRY, level: 'info' }],
    ['a number as time', { ...ENTRY, timestamp: 1_764_320_400_000 }],
    ['a time that is none', { ...ENTRY, timestamp: '2026-13-41T99:00:00Z' }],
    ['a date of another kind', { ...ENTRY, timestamp: 'Sat, 28 Nov 2026 09:00:00 GMT' }],
    ['no target', { ...ENTRY, target: undefined }],
    ['a message that is no text', { ...ENTRY, message: { text: 'hi' } }],
    ['a message without end', { ...ENTRY, message: 'x'.repeat(262_145) }],
    ['fields in an array', { ...ENTRY, fields: [] }],
    ['a span without a trace', { ...ENTRY, span: { id: 'a' } }],
    ['a span with an empty id', { ...ENTRY, span: { id: '', trace_id: 'a' } }],
    ['a parent that is no id', { ...ENTRY, span: { id: 'b', trace_id: 'a', parent_id: {} } }],
  ])('refuses %s', (_what, value) => {
    expect(decodeLogEntry(value)).toBeUndefined();
  });

  it('takes anything, and gives the same for what it gave', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.record({ timestamp: fc.constant(ENTRY.timestamp), level: fc.constantFrom(...LOG_LEVELS), target: fc.string(), message: fc.string(), fields: fc.anything(), span: fc.anything() })), (value) => {
        const entry = decodeLogEntry(value);
        expect(entry && decodeLogEntry(entry)).toEqual(entry);
      }),
    );
  });
});

it('tells levels apart by how grave they are', () => {
  expect(LOG_LEVELS.filter((level) => isAtLeast(level, 'WARN'))).toEqual(['ERROR', 'WARN']);
});
