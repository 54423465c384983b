import { expect, test } from 'vitest';
import { completeOptions } from './options.ts';

test.each([
  [{ maxProducers: 0 }, 'maxProducers'],
  [{ probeTimeoutMs: 1.5 }, 'probeTimeoutMs'],
  [{ history: { entries: -1 } }, 'history.entries'],
  [{ history: { enabled: true, maxEntryBytes: 65_000 } }, 'history.maxEntryBytes'],
  [{ maxMessageBytes: 16_384, history: { enabled: true } }, 'history.maxEntryBytes'],
  [{ path: 'signaling' }, 'path'],
])('%j is refused by name', (options, name) => {
  expect(() => completeOptions(options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(new RegExp(`^${name} of the logs plugin must`)) }));
});

test('without a history, messages may be as short as one likes', () => {
  expect(completeOptions({ maxMessageBytes: 1_000 }).limits.maxMessageBytes).toBe(1_000);
});

test('a limit that is given as undefined has its default', () => {
  expect(completeOptions({ maxMessageBytes: undefined }).limits).toEqual({ maxMessageBytes: 65_536 });
});
