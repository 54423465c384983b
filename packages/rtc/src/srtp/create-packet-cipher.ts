import { CounterModeCipher } from './counter-mode-cipher.ts';
import { GcmCipher } from './gcm-cipher.ts';
import type { PacketCipher } from './packet-cipher.ts';
import type { SrtpProfile } from './profiles.ts';
import { deriveSrtpKeys } from './session-keys.ts';

/**
 * The cipher of one direction.
 * @throws MediaError INTERNAL when key or salt are not as long as the profile demands
 */
export function createPacketCipher(profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer): PacketCipher {
  const keys = deriveSrtpKeys(profile, masterKey, masterSalt);
  return profile === 'AEAD_AES_128_GCM' ? new GcmCipher(keys) : new CounterModeCipher(keys);
}
