import { type KeyObject, X509Certificate, createHash, createHmac, timingSafeEqual, verify } from 'node:crypto';
import { ALERT } from './alert.ts';
import { type DtlsFingerprint, matchesFingerprint } from './fingerprint.ts';
import { HANDSHAKE_TYPE, type HandshakeMessage, handshakeTypeName } from './handshake-message.ts';
import { DTLS_1_2 } from './record.ts';

/** Why a handshake ends, and the alert description that the peer is told. */
export interface HandshakeFailure {
  readonly reason: string;
  readonly alert: number;
}

/** What the checks need to know of the handshake so far. */
export interface HandshakeState {
  /** All messages of both sides in order, with their headers, unfragmented (RFC 6347 section 4.2.6). */
  transcript(): Buffer;
  masterSecret(): Buffer;
  clientRandom(): Buffer;
}

interface ExpectedMessage {
  readonly type: number;
  readonly optional?: boolean;
}

/** What a client sends, in the order of RFC 6347 section 4.2.4. Both hellos, as werift always asks for a cookie. */
const FROM_CLIENT: readonly ExpectedMessage[] = [
  { type: HANDSHAKE_TYPE.clientHello },
  { type: HANDSHAKE_TYPE.clientHello },
  { type: HANDSHAKE_TYPE.certificate },
  { type: HANDSHAKE_TYPE.clientKeyExchange },
  { type: HANDSHAKE_TYPE.certificateVerify },
  { type: HANDSHAKE_TYPE.finished },
];

const FROM_SERVER: readonly ExpectedMessage[] = [
  { type: HANDSHAKE_TYPE.helloVerifyRequest, optional: true },
  { type: HANDSHAKE_TYPE.serverHello },
  { type: HANDSHAKE_TYPE.certificate },
  { type: HANDSHAKE_TYPE.serverKeyExchange },
  { type: HANDSHAKE_TYPE.certificateRequest, optional: true },
  { type: HANDSHAKE_TYPE.serverHelloDone },
  { type: HANDSHAKE_TYPE.finished },
];

/** ECDHE with AES-128-GCM, by ECDSA or RSA: what our ClientHello offers. */
const CIPHER_SUITES: readonly number[] = [0xc02b, 0xc02f];
/** SignatureAndHashAlgorithm (RFC 5246 section 7.4.1.4.1) → key type. What we offer and ask for. */
const SIGNATURE_KEY_TYPES = new Map([
  [0x0401, 'rsa'],
  [0x0403, 'ec'],
]);
const RANDOM_LENGTH = 32;
const VERIFY_DATA_LENGTH = 12;

/**
 * The checks of the peer's handshake that werift leaves out. Every message goes through
 * {@link check} before werift sees it; a failure must end the handshake.
 */
export class HandshakeVerifier {
  readonly #peer: 'client' | 'server';
  readonly #fingerprints: readonly DtlsFingerprint[];
  readonly #state: HandshakeState;
  #expected: readonly ExpectedMessage[];
  #peerKey: KeyObject | undefined;
  #serverRandom: Buffer | undefined;

  constructor(peer: 'client' | 'server', fingerprints: readonly DtlsFingerprint[], state: HandshakeState) {
    this.#peer = peer;
    this.#fingerprints = fingerprints;
    this.#state = state;
    this.#expected = peer === 'client' ? FROM_CLIENT : FROM_SERVER;
  }

  /** Undefined when the message may go on. */
  check(message: HandshakeMessage): HandshakeFailure | undefined {
    const name = handshakeTypeName(message.type);
    if (!this.#advance(message.type)) {
      return { reason: `the peer sent ${name} out of turn`, alert: ALERT.unexpected_message };
    }
    try {
      return this.#checkContent(message);
    } catch (error) {
      return { reason: `the peer's ${name} is malformed: ${describe(error)}`, alert: ALERT.decode_error };
    }
  }

  #advance(type: number): boolean {
    const index = this.#expected.findIndex((expected) => expected.type === type || !expected.optional);
    if (this.#expected[index]?.type !== type) return false;
    this.#expected = this.#expected.slice(index + 1);
    return true;
  }

  /** Throws when the body is shorter than it says, or its certificate is none. */
  #checkContent({ type, body }: HandshakeMessage): HandshakeFailure | undefined {
    switch (type) {
      case HANDSHAKE_TYPE.serverHello:
        return this.#checkServerHello(body);
      case HANDSHAKE_TYPE.certificate:
        return this.#checkCertificate(body);
      case HANDSHAKE_TYPE.serverKeyExchange:
        return this.#checkServerKeyExchange(body);
      case HANDSHAKE_TYPE.certificateVerify:
        return this.#checkCertificateVerify(body);
      case HANDSHAKE_TYPE.finished:
        return this.#checkFinished(body);
      default:
        return undefined;
    }
  }

  #checkServerHello(body: Buffer): HandshakeFailure | undefined {
    const version = body.readUInt16BE(0);
    if (version !== DTLS_1_2) return { reason: 'the peer does not speak DTLS 1.2', alert: ALERT.protocol_version };
    this.#serverRandom = body.subarray(2, 2 + RANDOM_LENGTH);
    const sessionIdLength = body.readUInt8(2 + RANDOM_LENGTH);
    const suiteOffset = 2 + RANDOM_LENGTH + 1 + sessionIdLength;
    const compression = body.readUInt8(suiteOffset + 2);
    if (CIPHER_SUITES.includes(body.readUInt16BE(suiteOffset)) && compression === 0) return undefined;
    return { reason: 'the peer chose a cipher suite that was not offered', alert: ALERT.illegal_parameter };
  }

  /** RFC 8827 section 6.5: the certificate must be the one that the signalling named. */
  #checkCertificate(body: Buffer): HandshakeFailure | undefined {
    if (body.readUIntBE(0, 3) === 0) return { reason: 'the peer sent no certificate', alert: ALERT.handshake_failure };
    const certificate = body.subarray(6, 6 + body.readUIntBE(3, 3));
    if (!matchesFingerprint(certificate, this.#fingerprints)) {
      return { reason: "the peer's certificate does not match the fingerprint in its SDP", alert: ALERT.bad_certificate };
    }
    this.#peerKey = new X509Certificate(certificate).publicKey;
    return undefined;
  }

  /** RFC 8422 section 5.4: the signature ties the key exchange to the certificate. */
  #checkServerKeyExchange(body: Buffer): HandshakeFailure | undefined {
    const paramsLength = 4 + body.readUInt8(3);
    const params = body.subarray(0, paramsLength);
    const signed = Buffer.concat([this.#state.clientRandom(), this.#serverRandom ?? Buffer.alloc(0), params]);
    if (this.#isSigned(signed, body.subarray(paramsLength))) return undefined;
    return { reason: 'the signature of the ServerKeyExchange is wrong', alert: ALERT.decrypt_error };
  }

  /** RFC 5246 section 7.4.8: the signature shows that the peer has the certificate's key. */
  #checkCertificateVerify(body: Buffer): HandshakeFailure | undefined {
    if (this.#isSigned(this.#state.transcript(), body)) return undefined;
    return { reason: 'the signature of the CertificateVerify is wrong', alert: ALERT.decrypt_error };
  }

  /** `signature` is a DigitallySigned of RFC 5246 section 4.7. */
  #isSigned(data: Buffer, signature: Buffer): boolean {
    const keyType = SIGNATURE_KEY_TYPES.get(signature.readUInt16BE(0));
    if (keyType === undefined || this.#peerKey?.asymmetricKeyType !== keyType) return false;
    return verify('sha256', data, this.#peerKey, signature.subarray(4, 4 + signature.readUInt16BE(2)));
  }

  /** RFC 5246 section 7.4.9: nobody has changed what either side saw. */
  #checkFinished(body: Buffer): HandshakeFailure | undefined {
    const label = this.#peer === 'client' ? 'client finished' : 'server finished';
    const expected = verifyData(this.#state.masterSecret(), label, this.#state.transcript());
    if (body.length === expected.length && timingSafeEqual(body, expected)) return undefined;
    return { reason: 'the Finished of the peer is wrong', alert: ALERT.decrypt_error };
  }
}

/** verify_data of RFC 5246 section 7.4.9, with the PRF of section 5. Shorter than one hash, so one round does. */
function verifyData(masterSecret: Buffer, label: string, transcript: Buffer): Buffer {
  const hmac = (...parts: (Buffer | string)[]): Buffer => {
    const mac = createHmac('sha256', masterSecret);
    for (const part of parts) mac.update(part);
    return mac.digest();
  };
  const transcriptHash = createHash('sha256').update(transcript).digest();
  const first = hmac(label, transcriptHash);
  return hmac(first, label, transcriptHash).subarray(0, VERIFY_DATA_LENGTH);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
