import { expect, test } from 'vitest';
import { flagSource } from './flags.ts';

test('--set takes every setting, and of one name the last', () => {
  const set = ['http.port=9000', 'rtc.externalAddresses=192.0.2.1,192.0.2.2', 'log.level=debug', 'http.port=9001'];
  expect(flagSource({ set }).value).toEqual({ http: { port: 9001 }, rtc: { externalAddresses: ['192.0.2.1', '192.0.2.2'] }, log: { level: 'debug' } });
});

test('a value may hold = and be empty', () => {
  const value = { hooks: { onPlay: 'http://a/?b=c' }, rtc: { addresses: [] } };
  expect(flagSource({ set: ['hooks.onPlay=http://a/?b=c', 'rtc.addresses='] }).value).toEqual(value);
});

test.each([
  ['paths.live/*.maxReaders=5', { 'live/*': { maxReaders: 5 } }],
  ['paths.~^live/.*$.maxStreamWaitMs=5', { '~^live/.*$': { maxStreamWaitMs: 5 } }],
  ['paths.example.org/live/*={ takeover: never }', { 'example.org/live/*': { takeover: 'never' } }],
])('--set %s', (text, paths) => {
  expect(flagSource({ set: [text] })).toMatchObject({ value: { paths }, problems: [] });
});

test('a named flag counts more, and each is named in its place', () => {
  const source = flagSource({ 'http-port': '1', 'no-demo': true, set: ['http.port=2', 'http.host=x'] });
  expect(source.value).toEqual({ http: { port: 1, host: 'x' }, demo: false });
  expect(source.placeOf(['http', 'port'])).toEqual({ where: '--http-port' });
  expect(source.placeOf(['http', 'host'])).toEqual({ where: '--set http.host' });
  expect(source.placeOf(['demo'])).toEqual({ where: '--no-demo' });
});
