import { ALERT } from '../alert.ts';
import type { DtlsCertificate } from '../certificate.ts';
import type { DtlsFingerprint } from '../fingerprint.ts';
import { CONTENT_TYPE } from '../record.ts';
import type { RecordCipher } from '../record-cipher.ts';
import { HandshakeFailure } from './failure.ts';
import type { HandshakeMessage } from './message.ts';
import type { SrtpKeys } from './srtp-profiles.ts';

/** Content of one record of a flight. Epoch 1 is encrypted. */
export interface FlightRecord {
  readonly contentType: number;
  readonly epoch: 0 | 1;
  readonly content: Buffer;
}

/** What a message of the peer leads to, in the order of the fields. */
export interface HandshakeStep {
  /** From here on there is an epoch 1. */
  readonly cipher?: RecordCipher;
  /** To be sent, and sent again until the peer answers. */
  readonly flight?: readonly FlightRecord[];
  /** The handshake is done, the peer is who it should be. */
  readonly result?: HandshakeResult;
}

export interface HandshakeResult {
  /** Undefined when the peer and we have no SRTP profile in common, as in sessions with data channels only. */
  readonly srtpKeys: SrtpKeys | undefined;
}

/** What both sides of a handshake take. */
export interface HandshakeOptions {
  readonly certificate: DtlsCertificate;
  readonly remoteFingerprints: readonly DtlsFingerprint[];
}

/** One side of the one handshake of an association. */
export interface Handshake {
  /** The first flight of a client; a server waits. */
  start(): HandshakeStep;
  /**
   * Takes the peer's next message, whole and in order.
   * @throws HandshakeFailure, after which the handshake is over
   */
  receive(message: HandshakeMessage): HandshakeStep;
}

/** A handshake message, with its header, in the clear. */
export function inTheClear(content: Buffer): FlightRecord {
  return { contentType: CONTENT_TYPE.handshake, epoch: 0, content };
}

const CHANGE_CIPHER_SPEC: FlightRecord = { contentType: CONTENT_TYPE.changeCipherSpec, epoch: 0, content: Buffer.of(1) };

/** What ends the last flight of a side: the change of epoch, and the first message of the new one. */
export function changeCipherAndFinish(finished: Buffer): FlightRecord[] {
  return [CHANGE_CIPHER_SPEC, { contentType: CONTENT_TYPE.handshake, epoch: 1, content: finished }];
}

/** What an earlier message has brought; the order of messages sees to it that it came. */
export function known<T>(value: T | undefined): T {
  if (value === undefined) throw new HandshakeFailure('a message came before one that it needs', ALERT.internal_error);
  return value;
}
