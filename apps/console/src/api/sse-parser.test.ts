import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SseMessage, createSseParser } from './sse-parser.ts';

function parse(...pieces: readonly string[]): readonly SseMessage[] {
  const parser = createSseParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

test('reads what the server sends, and the time that it wants to be left alone', () => {
  const parser = createSseParser();
  expect(parser.push('retry: 2000\n\nid: run-1\nevent: stream-changed\ndata: {"live":true}\n\n: heartbeat\n\n')).toEqual([
    { id: 'run-1', type: 'stream-changed', data: '{"live":true}' },
  ]);
  expect([parser.retryMs, parser.lastEventId]).toEqual([2000, 'run-1']);
});

test('follows the standard in its corners', () => {
  expect(parse('\uFEFFdata: a\ndata\ndata:  b\n\n')).toEqual([{ id: '', type: 'message', data: 'a\n\n b' }]);
  expect(parse('event: x\n\ndata: y\n\n')).toEqual([{ id: '', type: 'message', data: 'y' }]);
  expect(parse('id: 1\ndata: a\n\nid: 2\0\ndata: b\n\nid\ndata: c\n\n').map(({ id }) => id)).toEqual(['1', '1', '']);
  expect(parse('data: never ended')).toEqual([]);
  expect(parse('data: a\r', '\n\r', '\ndata: b\r\r')).toHaveLength(1);
});

test('an event that was cut off does not count as the last one', () => {
  const parser = createSseParser('before');
  parser.push('id: cut\ndata: a\n');
  expect(parser.lastEventId).toBe('before');
});

test('a server that never ends an event is not listened to for ever', () => {
  const parser = createSseParser();
  const flood = (line: string) => () => {
    for (let count = 0; count < 2_000; count += 1) parser.push(line);
  };
  expect(flood('x'.repeat(1_000))).toThrow(RangeError);
  expect(() => parse(...Array.from({ length: 2_000 }, () => `data: ${'x'.repeat(1_000)}\n`))).toThrow(RangeError);
});

const field = fc.oneof(
  fc.constantFrom('\r', '\n', '\r\n', ': comment', 'id: 7', 'id: \0', 'event: a', 'data', 'data: ', ':', '\uFEFF', 'retry: 5', 'retry: -1'),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

test('gives the same, however the bytes are cut, and never fails', () => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 30 }), fc.array(fc.nat(80), { maxLength: 8 }), (fields, cuts) => {
      const text = fields.join('');
      const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)).toSorted((a, b) => a - b), text.length];
      const pieces = places.slice(1).map((end, at) => text.slice(places[at], end));
      expect(parse(...pieces)).toEqual(parse(text));
    }),
    { numRuns: 2_000 },
  );
});
