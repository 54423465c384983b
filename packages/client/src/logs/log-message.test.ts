import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deflate, inflate } from './deflate.ts';
import type { LogEntry } from './log-entry.ts';
import { decodeLogMessage } from './log-message.ts';

const ENTRY: LogEntry = { timestamp: '2026-11-28T09:00:00Z', level: 'WARN', target: 'disk', message: 'almost full ü' };
const TEXT = JSON.stringify(ENTRY);
const BATCH = JSON.stringify([ENTRY, ENTRY]);

it.each([
  ['one entry', TEXT, 1],
  ['a batch', BATCH, 2],
  ['no entries', '[]', 0],
  ['zlib', new Uint8Array(deflateSync(BATCH)), 2],
  ['raw DEFLATE', new Uint8Array(deflateRawSync(BATCH)), 2],
  ['gzip', new Uint8Array(gzipSync(TEXT)), 1],
  ['a part of a larger buffer', new Uint8Array([0, 0, ...deflateSync(TEXT), 0]).subarray(2, -1), 1],
  ['an ArrayBuffer', new Uint8Array(deflateSync(TEXT)).buffer, 1],
  ['a Blob', new Blob([new Uint8Array(deflateSync(TEXT))]), 1],
])('reads %s', async (_what, data, count) => {
  expect(await decodeLogMessage(data)).toEqual({ entries: Array.from({ length: count }, () => ENTRY), invalid: 0 });
});

it('keeps what is good of a batch, and counts the rest', () => {
  expect(decodeLogMessage(JSON.stringify([ENTRY, 1, { ...ENTRY, level: 'FATAL' }]))).toEqual({ entries: [ENTRY], invalid: 2 });
});

it.each([
  ['no JSON', '{'],
  ['nesting without end', '['.repeat(200_000)],
  ['bytes that are no DEFLATE', new Uint8Array([1, 2, 3])],
  ['a broken end', new Uint8Array(deflateSync(TEXT)).subarray(0, -5)],
  ['compressed noise that is no UTF-8', new Uint8Array(deflateSync(new Uint8Array([0xff, 0xfe])))],
  ['something else', 7],
])('counts %s as one', async (_what, data) => {
  expect(await decodeLogMessage(data)).toEqual({ entries: [], invalid: 1 });
});

it('stops where a message is too long, also when it was small on its way', async () => {
  const long = JSON.stringify({ ...ENTRY, message: 'x'.repeat(100_000) });
  expect(await decodeLogMessage(long, { maxMessageBytes: 100_000 })).toEqual({ entries: [], invalid: 1 });
  await expect(inflate(await deflate(long), 100_000)).rejects.toThrow(RangeError);
  expect(await decodeLogMessage(JSON.stringify([ENTRY, ENTRY, ENTRY]), { maxBatchEntries: 2 })).toEqual({ entries: [], invalid: 3 });
});

it('inflates what it deflated, and survives any bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
      expect(await inflate(await deflate(`.${text}`), 1_000)).toBe(`.${text}`);
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), async (bytes) => {
      const { entries } = await decodeLogMessage(bytes);
      expect(entries).toEqual([]);
    }),
  );
});
