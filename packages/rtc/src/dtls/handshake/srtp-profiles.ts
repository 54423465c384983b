import { ByteReader } from './byte-reader.ts';
import { uint16s, vector } from './byte-writer.ts';
import { type Randoms, type Side, exportSrtpKeys } from './key-schedule.ts';

/** Keys of DTLS-SRTP (RFC 5764 section 4.2). */
export interface SrtpKeys {
  /** 7 = AEAD_AES_128_GCM, 1 = AES128_CM_HMAC_SHA1_80. */
  readonly profileId: SrtpProfileId;
  readonly localKey: Buffer;
  readonly localSalt: Buffer;
  readonly remoteKey: Buffer;
  readonly remoteSalt: Buffer;
}

export type SrtpProfileId = 1 | 7;

/** In order of preference. */
const PROFILES: readonly SrtpProfileId[] = [7, 1];
const KEY_LENGTH = 16;
const SALT_LENGTH = { 1: 14, 7: 12 } as const;

/** The data of a use_srtp extension that offers all that we can. */
export function offerSrtp(): Buffer {
  return writeUseSrtp(PROFILES);
}

/** The data of one that takes a profile. */
export function acceptSrtp(profile: SrtpProfileId): Buffer {
  return writeUseSrtp([profile]);
}

/** The profile that we like best of those in a use_srtp extension. @throws HandshakeFailure when it is malformed */
export function chooseSrtpProfile(useSrtp: Buffer | undefined): SrtpProfileId | undefined {
  if (!useSrtp) return undefined;
  const reader = new ByteReader(useSrtp);
  const profiles = reader.uint16List();
  // An MKI that a client wants to use; our answer is that it must not.
  reader.vector(1);
  reader.end();
  return PROFILES.find((profile) => profiles.includes(profile));
}

/** The keys of a profile, seen from our side. */
export function srtpKeys(profileId: SrtpProfileId, ourSide: Side, masterSecret: Buffer, randoms: Randoms): SrtpKeys {
  const keys = exportSrtpKeys(masterSecret, randoms, KEY_LENGTH, SALT_LENGTH[profileId]);
  const local = keys[ourSide];
  const remote = keys[ourSide === 'client' ? 'server' : 'client'];
  return { profileId, localKey: local.key, localSalt: local.salt, remoteKey: remote.key, remoteSalt: remote.salt };
}

/** RFC 5764 section 4.1.1, without an MKI. */
function writeUseSrtp(profiles: readonly SrtpProfileId[]): Buffer {
  return Buffer.concat([vector(2, uint16s(...profiles)), vector(1)]);
}
