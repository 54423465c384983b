import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createNativeEnvironment } from '../native/native-environment.ts';
import { loadNativeLibrary } from '../native/native-functions.ts';
import { PacketArena } from '../outbound/packet-arena.ts';
import { CounterModeCipher } from './counter-mode-cipher.ts';
import { GcmCipher } from './gcm-cipher.ts';
import { createArenaCipher } from './native/create-arena-cipher.ts';
import { NativePacketCipher } from './native/native-packet-cipher.ts';
import type { PacketCipher } from './packet-cipher.ts';
import type { SrtpProfile } from './profiles.ts';
import { type SrtpKeys, deriveSrtpKeys } from './session-keys.ts';

type CreateCipher = (profile: SrtpProfile, keys: SrtpKeys) => PacketCipher;

const library = await loadNativeLibrary();

/** Each has to pass all of this. */
const IMPLEMENTATIONS: readonly (readonly [name: string, create: CreateCipher])[] = [
  ['node:crypto', (profile, keys) => (profile === 'AEAD_AES_128_GCM' ? new GcmCipher(keys) : new CounterModeCipher(keys))],
  ...(typeof library === 'string' ? [] : [['native code', nativeCiphers(createNativeEnvironment(library, new PacketArena({ bytes: 1024 * 1024 })))] as const]),
];

function nativeCiphers(environment: ReturnType<typeof createNativeEnvironment>): CreateCipher {
  return (profile, keys) => new NativePacketCipher(environment, createArenaCipher(environment, profile, keys));
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}

function block(keystream: Buffer, index: number): string {
  return keystream.subarray(index * 16, (index + 1) * 16).toString('hex');
}

/** The same keys for RTP and RTCP, as the RFCs' examples have them. */
function keysOf(key: string, salt: string): SrtpKeys {
  const keys = { key: createSecretKey(hex(key)), salt: hex(salt), authKey: createSecretKey(Buffer.alloc(20)) };
  return { rtp: keys, rtcp: keys };
}

describe('CounterModeCipher', () => {
  it('makes the end of the keystream of RFC 3711 appendix B.2, far behind the longest datagram', () => {
    const cipher = new CounterModeCipher(keysOf('2b7e151628aed2a6abf7158809cf4f3c', 'f0f1f2f3f4f5f6f7f8f9fafbfcfd'));

    const keystream = cipher.protectRtp(Buffer.alloc(12 + 0xff02 * 16), 12, 0).subarray(12);

    expect(block(keystream, 0xfeff)).toBe('ec8cdf7398607cb0f2d21675ea9ea1e4');
    expect(block(keystream, 0xff00)).toBe('362b7c3c6773516318a077d7fc5073ae');
    expect(block(keystream, 0xff01)).toBe('6a2cc3787889374fbeb4c81b17ba6c44');
  });

});

describe.each(IMPLEMENTATIONS)('AES_CM_128_HMAC_SHA1_80 by %s', (_name, create) => {
  it('makes the keystream of RFC 3711 appendix B.2', () => {
    const cipher = create('AES_CM_128_HMAC_SHA1_80', keysOf('2b7e151628aed2a6abf7158809cf4f3c', 'f0f1f2f3f4f5f6f7f8f9fafbfcfd'));

    const keystream = cipher.protectRtp(Buffer.alloc(12 + 3 * 16), 12, 0).subarray(12);

    expect(block(keystream, 0)).toBe('e03ead0935c95e80e166b16dd92b4eb4');
    expect(block(keystream, 1)).toBe('d23513162b02d0f72a43a2fe4a5f97ab');
    expect(block(keystream, 2)).toBe('41e95b3bb0a2e8dd477901e4fca894c0');
  });

  describe('with the reference packets of libsrtp', () => {
    const keys = deriveSrtpKeys('AES_CM_128_HMAC_SHA1_80', hex('e1f97a0d3e018be0d64fa32c06de4139'), hex('0ec675ad498afeebb6960b3aabe6'));
    const cipher = create('AES_CM_128_HMAC_SHA1_80', keys);
    const rtp = hex('800f1234 decafbad cafebabe abababab abababab abababab abababab');
    const srtp = hex('800f1234 decafbad cafebabe 4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc 99ea179b 8dbb');
    const rtcp = hex('81c8000b cafebabe abababab abababab abababab abababab');
    const srtcp = hex('81c8000b cafebabe 7128035b e487b9bd bef89041 f977a5a8 80000001 993e08cd 54d6c123 0798');

    it('protects and unprotects RTP', () => {
      expect(cipher.protectRtp(rtp, 12, 0)).toEqual(srtp);
      expect(cipher.unprotectRtp(srtp, 12, 0)).toEqual(rtp);
      expect(cipher.unprotectRtp(srtp, 12, 1)).toBeUndefined();
    });

    it('refuses a header that reaches into the tag', () => {
      expect(cipher.unprotectRtp(srtp, srtp.length - 10, 0)).toBeDefined();
      expect(cipher.unprotectRtp(srtp, srtp.length - 9, 0)).toBeUndefined();
    });

    it('protects and unprotects RTCP', () => {
      expect(cipher.protectRtcp(rtcp, 1)).toEqual(srtcp);
      expect(cipher.srtcpIndexWord(srtcp)).toBe(0x8000_0001);
      expect(cipher.unprotectRtcp(srtcp, 0x8000_0001)).toEqual(rtcp);
    });
  });
});

describe.each(IMPLEMENTATIONS)('AEAD_AES_128_GCM by %s', (_name, create) => {
  const cipher = create('AEAD_AES_128_GCM', keysOf('000102030405060708090a0b0c0d0e0f', '517569642070726f2071756f'));
  const rtp = hex('8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573');
  const rtcp = hex('81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef');

  it('encrypts and decrypts the RTP of RFC 7714 section 16.1', () => {
    const srtp = hex(`8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf
      8833899d 7f27beb1 6a9152cf 765ee439 0cce`);

    expect(cipher.protectRtp(rtp, 12, 0)).toEqual(srtp);
    expect(cipher.unprotectRtp(srtp, 12, 0)).toEqual(rtp);
    expect(cipher.unprotectRtp(srtp, 12, 1)).toBeUndefined();
  });

  it('encrypts and decrypts the RTCP of RFC 7714 section 17.1', () => {
    const srtcp = hex(`81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda 4ce09b46 86303ded
      0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4`);

    expect(cipher.protectRtcp(rtcp, 0x5d4)).toEqual(srtcp);
    expect(cipher.srtcpIndexWord(srtcp)).toBe(0x8000_05d4);
    expect(cipher.unprotectRtcp(srtcp, 0x8000_05d4)).toEqual(rtcp);
  });

  it('verifies the unencrypted RTCP of RFC 7714 section 17.3', () => {
    const srtcp = Buffer.concat([rtcp, hex('841dd968 3dd78ec9 2ae58790 125f62b3 000005d4')]);

    expect(cipher.srtcpIndexWord(srtcp)).toBe(0x5d4);
    expect(cipher.unprotectRtcp(srtcp, 0x5d4)).toEqual(rtcp);
  });
});
