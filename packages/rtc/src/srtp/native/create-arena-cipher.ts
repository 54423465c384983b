import type { NativeEnvironment } from '../../native/native-environment.ts';
import type { SrtpProfile } from '../profiles.ts';
import type { SrtpKeys } from '../session-keys.ts';
import type { ArenaCipher } from './arena-cipher.ts';
import { CounterModeArenaCipher } from './counter-mode-arena-cipher.ts';
import { GcmArenaCipher } from './gcm-arena-cipher.ts';

/** The cipher of one direction; it is to be freed. */
export function createArenaCipher(environment: NativeEnvironment, profile: SrtpProfile, keys: SrtpKeys): ArenaCipher {
  return profile === 'AEAD_AES_128_GCM' ? new GcmArenaCipher(environment, keys) : new CounterModeArenaCipher(environment, keys);
}
