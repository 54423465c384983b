import { expect, test } from 'vitest';
import { settingsOf } from './settings.ts';

test.each([
  ['http://a/whip/live/cam', {}, 'whip', 'publish'],
  ['http://a/whep/live/cam', {}, 'whip', 'play'],
  ['http://a/media/whep/live/cam?token=x', {}, 'whip', 'play'],
  ['http://a/index/api/whep?app=live&stream=cam', {}, 'whip', 'play'],
  ['http://a/index/api/whip?app=live&stream=cam', {}, 'whip', 'publish'],
  ['http://a/index/api/webrtc?app=live&stream=cam&type=push', {}, 'zlm', 'publish'],
  ['http://a/index/api/webrtc?app=live&stream=cam&type=play', {}, 'zlm', 'play'],
  ['http://a/index/api/webrtc?app=live&stream=cam&type=echo', {}, 'zlm', 'both'],
  ['http://a/index/api/webrtc?app=live&stream=cam&type=talk', {}, 'zlm', 'both'],
  ['http://a/elsewhere', {}, 'whip', 'publish'],
  ['http://a/elsewhere', { recvOnly: true }, 'whip', 'play'],
  ['http://a/whip/live/cam', { direction: 'both' }, 'whip', 'both'],
  ['http://a/webrtc', { dialect: 'whip', direction: 'play' }, 'whip', 'play'],
] as const)('%s with %j is %s and %s', (url, options, dialect, direction) => {
  expect(settingsOf({ url, ...options })).toMatchObject({ dialect, direction });
});

test('takes the names of the classic client', () => {
  const settings = settingsOf({ zlmsdpUrl: 'http://a/index/api/webrtc?type=play', debug: true, recvOnly: true, usedatachannel: true });
  expect(settings).toMatchObject({ dialect: 'zlm', direction: 'play', dataChannel: { label: 'chat' } });
});
