import { type KeyObject, createCipheriv, createSecretKey } from 'node:crypto';
import { MediaError } from '@sluice/core';
import { SRTP_PROFILES, type SrtpProfile } from './profiles.ts';

/** Labels of RFC 3711 sections 4.3.1 and 4.3.2. */
const LABELS = {
  rtp: { key: 0, auth: 1, salt: 2 },
  rtcp: { key: 3, auth: 4, salt: 5 },
} as const;

/** Position of the label in the block that is encrypted (RFC 3711 section 4.3.1). */
const LABEL_OFFSET = 7;
const BLOCK_BYTES = 16;

/** Keys of RTP or of RTCP. */
export interface SessionKeys {
  readonly key: KeyObject;
  readonly salt: Buffer;
  /** Of no length for an AEAD profile, which does not use it. */
  readonly authKey: KeyObject;
}

/** All keys of one direction. */
export interface SrtpKeys {
  readonly rtp: SessionKeys;
  readonly rtcp: SessionKeys;
}

/**
 * Session keys from the master key, derived once (key derivation rate 0, RFC 3711 section 4.3).
 * @throws MediaError INTERNAL when key or salt are not as long as the profile demands
 */
export function deriveSrtpKeys(profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer): SrtpKeys {
  const { keyBytes, saltBytes, authKeyBytes } = SRTP_PROFILES[profile];
  if (masterKey.length !== keyBytes || masterSalt.length !== saltBytes) {
    throw new MediaError(
      'INTERNAL',
      `${profile} needs a master key of ${keyBytes} and a salt of ${saltBytes} bytes, but got ${masterKey.length} and ${masterSalt.length}.`,
    );
  }
  const derive = (label: number, bytes: number): Buffer => deriveBytes(masterKey, masterSalt, label, bytes);
  const sessionKeys = (labels: { readonly key: number; readonly auth: number; readonly salt: number }): SessionKeys => ({
    key: createSecretKey(derive(labels.key, keyBytes)),
    salt: derive(labels.salt, saltBytes),
    authKey: createSecretKey(derive(labels.auth, authKeyBytes)),
  });
  return { rtp: sessionKeys(LABELS.rtp), rtcp: sessionKeys(LABELS.rtcp) };
}

/**
 * Keystream of AES-CM with the label mixed into the salt (RFC 3711 section 4.3.3).
 * A 12-byte salt is filled up with zeros on the right (RFC 7714 section 11).
 */
function deriveBytes(masterKey: Buffer, masterSalt: Buffer, label: number, bytes: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  masterSalt.copy(block);
  block.writeUInt8(block.readUInt8(LABEL_OFFSET) ^ label, LABEL_OFFSET);
  return createCipheriv('aes-128-ctr', masterKey, block).update(Buffer.alloc(bytes));
}
