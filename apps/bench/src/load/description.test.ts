import { describe, expect, it } from 'vitest';
import { readAnswer, writeOffer } from './description.ts';

const offer = { usernameFragment: 'user', password: 'password', fingerprint: 'AA:BB', port: 5000, ssrc: 1234 };

const ANSWER = [
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:secret',
  'a=setup:passive',
  'a=candidate:1 1 udp 2130706431 192.0.2.1 7000 typ host',
  'a=candidate:2 1 udp 2130706175 127.0.0.1 8000 typ host',
].join('\r\n');

describe('an offer', () => {
  it('names its SSRC when it sends, and not when it receives', () => {
    expect(writeOffer({ ...offer, direction: 'sendonly' })).toContain('a=ssrc:1234 cname:bench\r\n');
    expect(writeOffer({ ...offer, direction: 'recvonly' })).not.toContain('a=ssrc');
  });
});

describe('an answer', () => {
  it('is read for the candidate on the loopback', () => {
    expect(readAnswer(ANSWER)).toEqual({ usernameFragment: 'abcd', password: 'secret', port: 8000, dtlsRole: 'client' });
  });

  it('leaves us the other DTLS role', () => {
    expect(readAnswer(ANSWER.replace('passive', 'active')).dtlsRole).toBe('server');
  });

  it('that lacks something says what', () => {
    expect(() => readAnswer(ANSWER.replace('127.0.0.1', '192.0.2.2'))).toThrow('candidate');
    expect(() => readAnswer(ANSWER.replace('m=video 9', 'm=video 0'))).toThrow('rejected');
  });
});
