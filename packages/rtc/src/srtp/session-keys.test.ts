import { describe, expect, it } from 'vitest';
import { SRTP_PROFILES, type SrtpProfile, srtpProfileOfDtlsId } from './profiles.ts';
import { deriveSrtpKeys } from './session-keys.ts';

describe('deriveSrtpKeys', () => {
  const masterKey = Buffer.from('e1f97a0d3e018be0d64fa32c06de4139', 'hex');
  const masterSalt = Buffer.from('0ec675ad498afeebb6960b3aabe6', 'hex');

  it('derives the keys of RFC 3711 appendix B.3', () => {
    const { rtp, rtcp } = deriveSrtpKeys('AES_CM_128_HMAC_SHA1_80', masterKey, masterSalt);

    expect(rtp.key.export().toString('hex')).toBe('c61e7a93744f39ee10734afe3ff7a087');
    expect(rtp.salt.toString('hex')).toBe('30cbbc08863d8c85d49db34a9ae1');
    expect(rtp.authKey.export().toString('hex')).toBe('cebe321f6ff7716b6fd4ab49af256a156d38baa4');
    expect(new Set([rtp.key, rtcp.key].map((key) => key.export().toString('hex'))).size).toBe(2);
  });

  it('has no authentication key for an AEAD', () => {
    const { rtp } = deriveSrtpKeys('AEAD_AES_128_GCM', masterKey, masterSalt.subarray(0, 12));
    expect(rtp.salt).toHaveLength(12);
    expect(rtp.authKey.symmetricKeySize).toBe(0);
  });

  it.each<[SrtpProfile, number, number]>([
    ['AES_CM_128_HMAC_SHA1_80', 16, 12],
    ['AES_CM_128_HMAC_SHA1_80', 32, 14],
    ['AEAD_AES_128_GCM', 16, 14],
    ['AEAD_AES_128_GCM', 0, 12],
  ])('refuses %s with a key of %i and a salt of %i bytes', (profile, keyBytes, saltBytes) => {
    expect(() => deriveSrtpKeys(profile, Buffer.alloc(keyBytes), Buffer.alloc(saltBytes))).toThrow(
      expect.objectContaining({ code: 'INTERNAL', message: expect.stringContaining(`got ${keyBytes} and ${saltBytes}`) }),
    );
  });
});

describe('srtpProfileOfDtlsId', () => {
  it('finds a profile by its number in DTLS', () => {
    expect(srtpProfileOfDtlsId(1)).toBe('AES_CM_128_HMAC_SHA1_80');
    expect(srtpProfileOfDtlsId(7)).toBe('AEAD_AES_128_GCM');
    expect(srtpProfileOfDtlsId(2)).toBeUndefined();
    expect(SRTP_PROFILES.AEAD_AES_128_GCM.tagBytes).toBe(16);
  });
});
