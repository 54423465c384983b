import { timingSafeEqual } from 'node:crypto';
import { ALERT } from '../alert.ts';
import { RecordCipher } from '../record-cipher.ts';
import { HandshakeFailure } from './failure.ts';
import { type Randoms, type Side, deriveMasterSecret, deriveWriteKeys, finishedVerifyData } from './key-schedule.ts';
import { type SrtpKeys, type SrtpProfileId, srtpKeys } from './srtp-profiles.ts';

/** What both sides know once the keys are agreed on. */
export class Secrets {
  readonly #ourSide: Side;
  readonly #randoms: Randoms;
  readonly #masterSecret: Buffer;

  /** @param sessionHash when both sides take the extended master secret (RFC 7627) */
  constructor(ourSide: Side, randoms: Randoms, preMasterSecret: Buffer, sessionHash: Buffer | undefined) {
    this.#ourSide = ourSide;
    this.#randoms = randoms;
    this.#masterSecret = deriveMasterSecret(preMasterSecret, randoms, sessionHash);
  }

  recordCipher(): RecordCipher {
    const keys = deriveWriteKeys(this.#masterSecret, this.#randoms);
    return new RecordCipher(keys[this.#ourSide], keys[this.#peerSide]);
  }

  /** The body of our Finished. */
  finished(transcriptHash: Buffer): Buffer {
    return finishedVerifyData(this.#masterSecret, this.#ourSide, transcriptHash);
  }

  /** Nobody has changed what either side saw (RFC 5246 section 7.4.9). @throws HandshakeFailure */
  checkFinished(body: Buffer, transcriptHash: Buffer): void {
    const expected = finishedVerifyData(this.#masterSecret, this.#peerSide, transcriptHash);
    if (body.length === expected.length && timingSafeEqual(body, expected)) return;
    throw new HandshakeFailure('the Finished of the peer is wrong', ALERT.decrypt_error);
  }

  srtpKeys(profile: SrtpProfileId | undefined): SrtpKeys | undefined {
    return profile === undefined ? undefined : srtpKeys(profile, this.#ourSide, this.#masterSecret, this.#randoms);
  }

  get #peerSide(): Side {
    return this.#ourSide === 'client' ? 'server' : 'client';
  }
}
