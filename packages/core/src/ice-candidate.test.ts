import { describe, expect, it } from 'vitest';

import { isIcePassword, isUsernameFragment, parseCandidate } from './ice-candidate.ts';

describe('parseCandidate', () => {
  it('reads a candidate of Chromium', () => {
    const line = 'candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1';
    expect(parseCandidate(line)).toEqual({
      foundation: '1387637174',
      component: 1,
      transport: 'udp',
      priority: 2_122_260_223,
      address: '192.0.2.1',
      port: 61_764,
      type: 'host',
      tcpType: undefined,
      usernameFragment: 'EsAw',
    });
  });

  it.each([
    ['1 1 UDP 2015363327 2001:db8::1 5000 typ srflx raddr 10.0.0.1 rport 9', { transport: 'udp', address: '2001:db8::1' }],
    ['a=candidate:2 1 TCP 1015021823 10.0.0.1 9 typ host tcptype active', { transport: 'tcp', tcpType: 'active' }],
    ['candidate:3 1 udp 1 f0e1-22.local 5000 typ host', { address: 'f0e1-22.local' }],
    ['candidate:4 1 sctp 1 10.0.0.1 5000 typ holographic', { transport: 'sctp', type: 'holographic' }],
  ])('reads %s', (line, expected) => {
    expect(parseCandidate(line)).toMatchObject(expected);
  });

  it.each([
    '',
    'candidate:',
    'candidate:1 1 udp 1 10.0.0.1 5000',
    'candidate:1 0 udp 1 10.0.0.1 5000 typ host',
    'candidate:1 257 udp 1 10.0.0.1 5000 typ host',
    'candidate:1 1 udp 4294967296 10.0.0.1 5000 typ host',
    'candidate:1 1 udp 1 10.0.0.1 65536 typ host',
    'candidate:1 1 udp 1 10.0.0.1 -1 typ host',
    'candidate:1  1 udp 1 10.0.0.1 5000 typ host',
    `candidate:${'1'.repeat(33)} 1 udp 1 10.0.0.1 5000 typ host`,
    'candidate:1 1 udp 1 <script> 5000 typ host',
  ])('refuses %j', (line) => {
    expect(() => parseCandidate(line)).toThrow(expect.objectContaining({ code: 'CANDIDATE_MALFORMED' }));
  });
});

describe('ICE credentials', () => {
  it('have the lengths of RFC 8839', () => {
    expect([3, 4, 256, 257].map((length) => isUsernameFragment('a'.repeat(length)))).toEqual([false, true, true, false]);
    expect([21, 22, 256, 257].map((length) => isIcePassword('a'.repeat(length)))).toEqual([false, true, true, false]);
  });

  it('have no other characters', () => {
    expect(isUsernameFragment('ab:cd')).toBe(false);
    expect(isIcePassword(`${'a'.repeat(22)} `)).toBe(false);
  });
});
