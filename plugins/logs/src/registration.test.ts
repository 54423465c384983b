import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refusal } from './refusal.ts';
import { HISTORY_ID, readRegistration } from './registration.ts';

const LIMITS = { maxMetadataBytes: 100, maxSubscriptions: 2 };

test('a registration without metadata is in the default room, under its own id', () => {
  const read = readRegistration({ type: 'register', role: 'producer', client_id: 'p' }, LIMITS);
  expect(read).toMatchObject({ role: 'producer', id: 'p', room: 'default', systemName: 'p', metadata: {} });
});

test.each([
  ['bad_role', { role: 'viewer' }],
  ['bad_role', { role: ['producer'] }],
  ['bad_client_id', { client_id: 1 }],
  ['bad_client_id', { client_id: '' }],
  ['bad_client_id', { client_id: 'a\u0007' }],
  ['bad_client_id', { client_id: 'x'.repeat(129) }],
  ['bad_client_id', { client_id: HISTORY_ID }],
  ['bad_metadata', { metadata: [] }],
  ['bad_metadata', { metadata: { room: 1 } }],
  ['bad_metadata', { metadata: { description: 'ä'.repeat(50) } }],
  ['bad_metadata', { metadata: { deep: JSON.parse(`${'['.repeat(30_000)}${']'.repeat(30_000)}`) } }],
  ['bad_subscription', { subscribe: 'p' }],
  ['bad_subscription', { subscribe: [1] }],
  ['bad_subscription', { subscribe: ['a', 'b', 'c'] }],
])('%s', (code, changes) => {
  expect(readRegistration({ role: 'consumer', client_id: 'c', ...changes }, LIMITS)).toMatchObject({ code });
});

test('whatever comes is read or refused', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('producer', 'consumer', 'x'));
  const message = fc.record({ role: value, client_id: value, metadata: fc.oneof(value, fc.record({ room: value, system_name: value })), subscribe: fc.oneof(value, fc.array(fc.string())) }, { requiredKeys: [] });
  fc.assert(
    fc.property(message, (given) => {
      const read = readRegistration(given, LIMITS);
      if (read instanceof Refusal) return;
      expect([read.id, read.room, read.systemName].every((name) => /^\P{C}{1,128}$/u.test(name))).toBe(true);
    }),
  );
});
