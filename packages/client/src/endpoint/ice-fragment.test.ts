import { expect, test } from 'vitest';
import { candidatesOf, fragmentOf, isIceLite, restartedAnswer } from './ice-fragment.ts';

const lines = (...all: string[]): string => all.map((line) => `${line}\r\n`).join('');

test('a fragment has the credentials of the transport, wherever the description has them', () => {
  const credentials = ['a=ice-ufrag:abcd', 'a=ice-pwd:0123456789012345678901'];
  const media = ['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', 'a=rtpmap:111 opus/48000/2'];
  const second = ['m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:1', 'a=ice-ufrag:other'];
  const expected = lines(...credentials, 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', 'a=candidate:1', 'a=end-of-candidates');
  expect(fragmentOf(lines('v=0', ...credentials, ...media), ['candidate:1', ''])).toBe(expected);
  expect(fragmentOf(lines('v=0', ...media, ...credentials, ...second), ['a=candidate:1'])).toBe(lines('m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', ...credentials, 'a=candidate:1'));
});

test('candidates of a description are those of the transport that all share', () => {
  const sdp = lines('v=0', 'm=audio 9 x 1', 'a=candidate:1 1 udp', 'a=end-of-candidates', 'm=video 9 x 1', 'a=candidate:2 1 udp');
  expect(candidatesOf(sdp)).toEqual(['candidate:1 1 udp', '']);
  expect(candidatesOf('v=0\r\n')).toEqual([]);
});

test('an answer after a restart has the new credentials in every m-line and the new candidates in the first', () => {
  const answer = lines('v=0', 'm=audio 9 x 1', 'a=ice-ufrag:old', 'a=ice-pwd:old', 'a=candidate:1', 'a=end-of-candidates', 'm=video 9 x 1', 'a=ice-ufrag:old', 'a=ice-pwd:old');
  const fragment = lines('a=ice-ufrag:$&', 'a=ice-pwd:new', 'm=audio 9 x 0', 'a=candidate:2');
  expect(restartedAnswer(answer, fragment)).toBe(lines('v=0', 'm=audio 9 x 1', 'a=ice-ufrag:$&', 'a=ice-pwd:new', 'a=candidate:2', 'm=video 9 x 1', 'a=ice-ufrag:$&', 'a=ice-pwd:new'));
  expect(restartedAnswer(answer, lines('a=ice-ufrag:new', 'a=ice-pwd:new'))).toContain('a=candidate:1\r\n');
  expect(restartedAnswer(answer, lines('a=ice-ufrag:new'))).toBeUndefined();
});

test('ICE-lite is an attribute, not a word', () => {
  expect([isIceLite(lines('v=0', 'a=ice-lite')), isIceLite('v=0\na=ice-lite\n'), isIceLite(lines('s=a=ice-lite', 'a=ice-lite2'))]).toEqual([true, true, false]);
});
