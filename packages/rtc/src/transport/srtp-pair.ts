import { MediaError } from '@sluice/core';
import type { SrtpKeys } from '../dtls/index.ts';
import type { CreatePacketCipher } from '../srtp/packet-cipher.ts';
import { type SrtpProfile, srtpProfileOfDtlsId } from '../srtp/profiles.ts';
import { SrtpReceiver } from '../srtp/srtp-receiver.ts';
import { SrtpSender } from '../srtp/srtp-sender.ts';

/** Both directions of SRTP with one peer. */
export interface SrtpPair {
  readonly profile: SrtpProfile;
  readonly receiver: SrtpReceiver;
  readonly sender: SrtpSender;
  /** Frees the keys; nothing else may be called afterwards. Idempotent. */
  close(): void;
}

/** @throws MediaError DTLS_FAILED for a profile that we did not offer */
export function createSrtpPair(keys: SrtpKeys, createCipher: CreatePacketCipher): SrtpPair {
  const profile = srtpProfileOfDtlsId(keys.profileId);
  if (!profile) throw new MediaError('DTLS_FAILED', `The peer chose the SRTP profile ${keys.profileId}, which was not offered.`);
  const receiver = new SrtpReceiver(profile, keys.remoteKey, keys.remoteSalt, { createCipher });
  const sender = new SrtpSender(profile, keys.localKey, keys.localSalt, createCipher);
  const close = (): void => {
    receiver.close();
    sender.close();
  };
  return { profile, receiver, sender, close };
}
