import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type LogInput, encodeLogEntry } from './encode-log-entry.ts';
import { decodeLogEntry } from './log-entry.ts';
import { RateCounter } from './rate-counter.ts';

const DEFAULTS = { target: 'shop', now: Date.UTC(2026, 0, 1), maxBytes: 10_000 };

function written(input: Partial<LogInput>): unknown {
  return JSON.parse(encodeLogEntry({ level: 'INFO', message: 'm', ...input }, DEFAULTS).text);
}

it('fills in what an entry lacks', () => {
  expect(written({})).toEqual({ timestamp: '2026-01-01T00:00:00.000Z', level: 'INFO', target: 'shop', message: 'm' });
  expect(written({ timestamp: 0, target: 'db' })).toMatchObject({ timestamp: '1970-01-01T00:00:00.000Z', target: 'db' });
  expect(written({ timestamp: Number.NaN })).toMatchObject({ timestamp: '2026-01-01T00:00:00.000Z' });
});

it('writes as words what JSON cannot hold', () => {
  const loop: Record<string, unknown> = { name: 'loop' };
  loop['self'] = loop;
  expect(written({ fields: { big: 1n, error: new TypeError('bad'), map: new Map([['a', 1]]), set: new Set([1]), run: decodeLogEntry } })).toMatchObject({
    fields: { big: '1', error: { name: 'TypeError', message: 'bad' }, map: { a: 1 }, set: [1], run: '[function decodeLogEntry]' },
  });
  expect(written({ fields: loop })).toMatchObject({ fields: { unserialisable: 'name, self' } });
});

it('an entry is within its bytes and can be read again, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.dictionary(fc.string(), fc.anything(), { maxKeys: 4 }), fc.string(), (message, fields, target) => {
      const { text, bytes } = encodeLogEntry({ level: 'WARN', message, fields, target: target.repeat(100) }, { ...DEFAULTS, maxBytes: 4_000 });
      expect(bytes).toBe(Buffer.byteLength(text));
      expect(bytes).toBeLessThanOrEqual(4_000);
      expect(decodeLogEntry(JSON.parse(text))).toMatchObject({ level: 'WARN' });
    }),
  );
});

it('rates are of the last seconds', () => {
  const counter = new RateCounter();
  for (let second = 100; second < 110; second += 1) counter.add(40, second * 1_000);
  expect([counter.total, counter.perSecond(109_999), counter.perSecond(111_000), counter.perSecond(200_000)]).toEqual([400, 40, 30, 0]);
});
