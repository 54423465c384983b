import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseEnvelope, samePeer } from './envelope.ts';
import { PeerError } from './errors.ts';

test('every JSON object is a message, and every other text is none', () => {
  const field = fc.constantFrom('type', 'peer_id', 'message_id', 'timestamp', 'data', '__proto__');
  const text = fc.oneof(fc.json(), fc.string(), fc.dictionary(field, fc.jsonValue()).map((value) => JSON.stringify(value)));
  fc.assert(
    fc.property(text, (sent) => {
      expect(kindsIn(sent)).toMatch(isObject(parsed(sent)) ? /^string( (string|number|undefined)){3} (object|undefined)$/ : /^refused$/);
    }),
  );
});

test('an id goes back exactly as it came, or is none', () => {
  const id = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.maxSafeInteger());
  fc.assert(
    fc.property(id, (sent) => {
      const { peerId } = parseEnvelope(JSON.stringify({ peer_id: sent }));
      expect([JSON.stringify(sent), undefined]).toContain(JSON.stringify(peerId));
    }),
  );
  for (const id of ['9007199254740993', '1e999', '""', `"${'x'.repeat(129)}"`, 'null', 'true', '[1]']) expect(parseEnvelope(`{"peer_id":${id}}`).peerId).toBeUndefined();
});

test('what is nested deeply is read like everything else', () => {
  expect(parseEnvelope(`{"type":"ping","data":{"x":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`).type).toBe('ping');
  expect(() => parseEnvelope('['.repeat(65_536))).toThrow(PeerError);
});

test('a number and its text are one peer', () => {
  expect([samePeer(7, '7'), samePeer('7', '7'), samePeer(7, 8)]).toEqual([true, true, false]);
});

function kindsIn(text: string): string {
  try {
    const { type, peerId, messageId, timestamp, data } = parseEnvelope(text);
    return [type, peerId, messageId, timestamp, data].map((value) => (Array.isArray(value) ? 'list' : typeof value)).join(' ');
  } catch {
    return 'refused';
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
