import { expect, test } from 'vitest';
import { replaceCandidates } from './replace-candidates.ts';

const RELAY = { address: '127.0.0.1', port: 4_000 };

test('one candidate is left, and leads to the relay; everything else stays', () => {
  const { sdp, original } = replaceCandidates(
    [
      'v=0',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111',
      'a=mid:0',
      'a=candidate:1 1 udp 2130706431 2001:db8::1 8000 typ host',
      'a=candidate:2 1 UDP 2130706430 192.0.2.1 8000 typ host generation 0',
      'a=candidate:3 1 tcp 1518280447 192.0.2.1 8000 typ host tcptype passive',
      'a=candidate:4 1 udp 2130706429 10.0.0.1 8000 typ host',
      'a=end-of-candidates',
      'm=video 9 UDP/TLS/RTP/SAVPF 96',
      '',
    ].join('\n'),
    RELAY,
  );
  expect(original).toEqual({ address: '192.0.2.1', port: 8_000 });
  expect(sdp.split('\r\n')).toEqual([
    'v=0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'a=mid:0',
    'a=candidate:2 1 UDP 2130706430 127.0.0.1 4000 typ host generation 0',
    'a=end-of-candidates',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    '',
  ]);
});

test('every m-section that has candidates keeps one', () => {
  const section = 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=candidate:1 1 udp 1 192.0.2.1 8000 typ host\r\n';
  const { sdp } = replaceCandidates(`${section}${section}`, RELAY);
  expect(sdp.match(/127\.0\.0\.1 4000/g)).toHaveLength(2);
});

test('without a candidate over IPv4 it says so', () => {
  expect(() => replaceCandidates('v=0\r\na=candidate:1 1 udp 1 ::1 8000 typ host\r\n', RELAY)).toThrowError(
    expect.objectContaining({ code: 'ARGUMENT_INVALID', message: expect.stringContaining('no UDP candidate over IPv4') }),
  );
});
