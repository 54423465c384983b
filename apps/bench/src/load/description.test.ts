import { describe, expect, it } from 'vitest';
import { readDescription, writeAnswer, writeOffer } from './description.ts';

const ADDRESS = '192.0.2.1';
const local = { usernameFragment: 'user', password: 'password', fingerprint: 'AA:BB', address: ADDRESS, port: 5000, ssrc: 1234 };

const ANSWER = [
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
  'a=mid:v',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:secret',
  'a=setup:passive',
  'a=rtpmap:100 VP8/90000',
  'a=rtcp-fb:100 nack',
  'a=rtcp-fb:100 transport-cc',
  'a=fmtp:101 apt=100',
  'a=extmap:7/recvonly http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'a=candidate:1 1 udp 2130706431 192.0.2.10 7000 typ host',
  'a=candidate:2 1 udp 2130706175 192.0.2.1 8000 typ host',
  '',
].join('\r\n');

describe('an offer', () => {
  it('names its SSRC when it sends, and not when it receives', () => {
    expect(writeOffer('sendonly', local)).toContain('a=ssrc:1234 cname:bench\r\n');
    expect(writeOffer('recvonly', local)).not.toContain('a=ssrc');
  });
});

describe('a description', () => {
  it('is read for the candidate at the address that everything runs on', () => {
    expect(readDescription(ANSWER, ADDRESS)).toEqual({
      usernameFragment: 'abcd',
      password: 'secret',
      port: 8000,
      dtlsRole: 'client',
      payloadType: 100,
      rtxPayloadType: 101,
      transportCcId: 7,
    });
  });

  it('leaves us the other DTLS role', () => {
    expect(readDescription(ANSWER.replace('passive', 'active'), ADDRESS).dtlsRole).toBe('server');
    expect(readDescription(ANSWER.replace('passive', 'actpass'), ADDRESS).dtlsRole).toBe('client');
  });

  it('asks for no transport-wide feedback that was not agreed on', () => {
    expect(readDescription(ANSWER.replace('100 transport-cc', '100 goog-remb'), ADDRESS).transportCcId).toBeUndefined();
  });

  it('that lacks something says what', () => {
    expect(() => readDescription(ANSWER, '192.0.2.2')).toThrow('candidate');
    expect(() => readDescription(ANSWER.replace('m=video 9', 'm=video 0'), ADDRESS)).toThrow('rejected');
  });
});

it('an answer takes what the offer has, and nothing else', () => {
  const answer = writeAnswer(ANSWER, local);
  expect(readDescription(answer, ADDRESS)).toMatchObject({ port: 5000, dtlsRole: 'server', payloadType: 100, rtxPayloadType: 101, transportCcId: 7 });
  expect(answer).toContain('a=mid:v\r\n');
  expect(answer).not.toContain('goog-remb');
});
