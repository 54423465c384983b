import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listSettings } from '../settings/setting-table.ts';
import { environmentSource, variableOf } from './environment.ts';

test.each([
  ['SLUICE_HTTP_PORT', '9000', { http: { port: 9000 } }],
  ['SLUICE_HOST', '::', { http: { host: '::' } }],
  ['SLUICE_HTTP_TRUSTED_PROXIES', '10.0.0.0/8, 192.0.2.1', { http: { trustedProxies: ['10.0.0.0/8', '192.0.2.1'] } }],
  ['SLUICE_HTTP_STRICT_IF_MATCH', 'yes', { http: { strictIfMatch: true } }],
  ['SLUICE_DEMO', '0', { demo: false }],
  ['SLUICE_RTC_MAX_TCP_CONNECTIONS_PER_ADDRESS', '5', { rtc: { maxTcpConnectionsPerAddress: 5 } }],
  ['SLUICE_RTC_WORKERS', 'auto', { rtc: { workers: 'auto' } }],
  ['SLUICE_RTC_WORKERS', '2', { rtc: { workers: 2 } }],
  ['SLUICE_HTTP_ICE_SERVERS', '[{ "urls": "stun:x" }]', { http: { iceServers: [{ urls: 'stun:x' }] } }],
  ['SLUICE_PATHS', '{ "live/*": { maxReaders: 3 } }', { paths: { 'live/*': { maxReaders: 3 } } }],
  ['SLUICE_PLUGINS', './a.ts, @b/c', { plugins: ['./a.ts', '@b/c'] }],
])('%s=%s', (name, text, value) => {
  expect(environmentSource({ [name]: text })).toMatchObject({ value, problems: [] });
});

test('the long name counts more than the short one, whatever their order', () => {
  const value = { http: { host: 'long' } };
  expect(environmentSource({ SLUICE_HOST: 'short', SLUICE_HTTP_HOST: 'long' }).value).toEqual(value);
  expect(environmentSource({ SLUICE_HTTP_HOST: 'long', SLUICE_HOST: 'short' }).value).toEqual(value);
});

test('every setting has a variable of its own', () => {
  const names = listSettings().map(({ path }) => variableOf(path));
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^SLUICE(_[A-Z\d]+)+$/);
});

test('what the commands of a client are told is no setting', () => {
  expect(environmentSource({ SLUICE_URL: 'http://a/', SLUICE_ADMIN_TOKEN: 'x' })).toMatchObject({ value: {}, problems: [] });
});

test('what Kubernetes says of a service called sluice is not ours', () => {
  const env = { SLUICE_SERVICE_HOST: '10.0.0.1', SLUICE_SERVICE_PORT_HTTP: '80', SLUICE_PORT: 'tcp://10.0.0.1:80', SLUICE_PORT_80_TCP_ADDR: '10.0.0.1' };
  expect(environmentSource(env)).toMatchObject({ value: {}, problems: [] });
});

describe('an unknown variable', () => {
  test.each([
    ['SLUICE_HTTP_PRT', 'There is no variable SLUICE_HTTP_PRT; did you mean SLUICE_HTTP_PORT?'],
    ['SLUICE_CONFGI', 'There is no variable SLUICE_CONFGI; did you mean SLUICE_CONFIG?'],
    ['SLUICE_SOMETHING_ELSE_ENTIRELY_DIFFERENT_FROM_ALL', 'There is no variable SLUICE_SOMETHING_ELSE_ENTIRELY_DIFFERENT_FROM_ALL; sluice config print lists the settings; http.port is SLUICE_HTTP_PORT.'],
  ])('%s', (name, sentence) => {
    expect(environmentSource({ [name]: '1' }).problems).toEqual([sentence]);
  });
});

test('any text in any variable is a value or stays a text', () => {
  const names = listSettings().map(({ path }) => variableOf(path));
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.oneof(fc.string(), fc.json()), (name, text) => {
      expect(environmentSource({ [name]: text }).problems).toEqual([]);
    }),
  );
});
