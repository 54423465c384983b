import { parseConfig } from '@sluice/config';
import { MemoryLogger } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { ExposureWatch, isLoopback, warnOfOpenLogs } from './exposure.ts';

test.each(['127.0.0.1', '127.8.8.8', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', 'localhost', 'sluice.localhost'])('%s is loopback', (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(['0.0.0.0', '::', '192.168.1.2', 'fe80::1', 'example.org', 'localhost.example.org', ''])('%j is reachable from elsewhere', (host) => {
  expect(isLoopback(host)).toBe(false);
});

const CLOSED = { auth: { publish: { keys: ['a-key-of-mine'] } } };

function watchOf({ host = '0.0.0.0', hooks = [] as string[] } = {}) {
  const logger = new MemoryLogger();
  const plugin = { name: 'any', hooks } as never;
  const watch = new ExposureWatch({ manager: { plugins: [plugin] }, logger, host, httpPort: 8080 });
  return { check: (input: object) => watch.check(parseConfig(input)), said: () => logger.lines.map(({ message }) => message) };
}

test.each([
  ['nothing is set', {}],
  ['the allow list holds all of IPv4', { auth: { publish: { addresses: ['10.0.0.0/8', '0.0.0.0/0'] } } }],
  ['the allow list holds all of IPv6', { auth: { publish: { addresses: ['::/0'] } } }],
  ['a path is open', { ...CLOSED, paths: { 'public/*': { publish: { open: true } } } }],
  ['a path has a wider allow list', { auth: { publish: { addresses: ['10.0.0.0/8'] } }, paths: { 'public/*': { publish: { addresses: ['0.0.0.0/0'] } } } }],
])('says that publishing is open to all when %s', (_when, input) => {
  const { check, said } = watchOf();
  check(input);
  expect(said()).toEqual([expect.stringMatching(/^PUBLISHING IS OPEN TO ALL: .* port 8080 may publish/)]);
});

test.each([
  ['keys are wanted', {}, CLOSED],
  ['the allow list has ends', {}, { auth: { publish: { addresses: ['10.0.0.0/8', '2001:db8::/32'] } } }],
  ['an open path has an allow list', {}, { ...CLOSED, paths: { 'public/*': { publish: { open: true, addresses: ['10.0.0.0/8'] } } } }],
  ['only playing is open', {}, { ...CLOSED, paths: { 'public/*': { play: { open: true } } } }],
  ['another plugin decides', { hooks: ['publish'] }, {}],
  ['nobody else reaches it', { host: '127.0.0.1' }, {}],
])('is silent when %s', (_when, surroundings, input) => {
  const { check, said } = watchOf(surroundings);
  check(input);
  expect(said()).toEqual([]);
});

test('says it each time that publishing is opened, and not while it stays so', () => {
  const { check, said } = watchOf();
  for (const input of [CLOSED, {}, {}, CLOSED, {}]) check(input);
  expect(said()).toHaveLength(2);
});

test.each([
  ['on all addresses without a token', 1, { http: { host: '0.0.0.0' } }],
  ['with a token', 0, { http: { host: '0.0.0.0' }, logs: { token: 'a token' } }],
  ['without log signalling', 0, { http: { host: '0.0.0.0' }, logs: { enabled: false } }],
  ['on loopback', 0, {}],
])('%s there are %i warnings of open logs', (_when, count, input) => {
  const logger = new MemoryLogger();
  warnOfOpenLogs(parseConfig(input), logger);
  expect(logger.lines.filter(({ message }) => message.startsWith('LOGS ARE OPEN TO ALL'))).toHaveLength(count);
});
