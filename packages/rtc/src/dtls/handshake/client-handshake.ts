import { type KeyObject, randomBytes } from 'node:crypto';
import { ALERT } from '../alert.ts';
import { DTLS_1_2 } from '../record.ts';
import { ByteReader } from './byte-reader.ts';
import { uint16s, vector } from './byte-writer.ts';
import { readPeerKey, writeCertificate } from './certificate-message.ts';
import { HandshakeFailure } from './failure.ts';
import { type FlightRecord, type Handshake, type HandshakeOptions, type HandshakeStep, changeCipherAndFinish, inTheClear, known } from './handshake.ts';
import { CIPHER_SUITE, EXTENSION, NO_COMPRESSION, type ServerHello, parseServerHello, writeClientHello } from './hello.ts';
import { type EphemeralKey, GROUPS, createEphemeralKey } from './key-agreement.ts';
import { FROM_SERVER, MessageOrder } from './message-order.ts';
import { HANDSHAKE_TYPE, type HandshakeMessage } from './message.ts';
import { Secrets } from './secrets.ts';
import { SIGNATURE, SIGNATURES, isSigned, writeSignature } from './signature.ts';
import { chooseSrtpProfile, offerSrtp } from './srtp-profiles.ts';
import { Transcript } from './transcript.ts';

const RANDOM_LENGTH = 32;
const NAMED_CURVE = 3;
const ECDSA_CERTIFICATE = 64;
/** The key that signs in a cipher suite. */
const SUITE_KEY_TYPES = new Map<number, string>([
  [CIPHER_SUITE.ecdheEcdsa, 'ec'],
  [CIPHER_SUITE.ecdheRsa, 'rsa'],
]);

const OFFERED_EXTENSIONS: ReadonlyMap<number, Buffer> = new Map([
  [EXTENSION.renegotiationInfo, vector(1)],
  [EXTENSION.supportedGroups, vector(2, uint16s(...GROUPS))],
  [EXTENSION.pointFormats, vector(1, Buffer.of(0))],
  [EXTENSION.signatureAlgorithms, vector(2, uint16s(...SIGNATURES))],
  [EXTENSION.extendedMasterSecret, Buffer.alloc(0)],
  [EXTENSION.useSrtp, offerSrtp()],
]);

/** The public keys of both sides' exchange. */
interface KeyExchange {
  readonly ours: EphemeralKey;
  readonly peerPublicKey: Buffer;
}

/** The client's side of DTLS 1.2 (RFC 6347), with a server that may ask for a cookie and our certificate. */
export class ClientHandshake implements Handshake {
  readonly #options: HandshakeOptions;
  readonly #order = new MessageOrder(FROM_SERVER);
  readonly #transcript = new Transcript();
  readonly #random = randomBytes(RANDOM_LENGTH);
  #serverHello: ServerHello | undefined;
  #peerKey: KeyObject | undefined;
  #keyExchange: KeyExchange | undefined;
  #certificateWanted = false;
  #secrets: Secrets | undefined;

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  start(): HandshakeStep {
    return this.#hello(Buffer.alloc(0));
  }

  receive(message: HandshakeMessage): HandshakeStep {
    this.#order.advance(message.type);
    if (message.type === HANDSHAKE_TYPE.helloVerifyRequest) return this.#onHelloVerifyRequest(message);
    if (message.type === HANDSHAKE_TYPE.finished) return this.#onFinished(message);
    this.#check(message);
    this.#transcript.received(message);
    return message.type === HANDSHAKE_TYPE.serverHelloDone ? this.#secondFlight() : {};
  }

  #hello(cookie: Buffer): HandshakeStep {
    const body = writeClientHello({
      version: DTLS_1_2,
      random: this.#random,
      cookie,
      cipherSuites: [...SUITE_KEY_TYPES.keys()],
      extensions: OFFERED_EXTENSIONS,
    });
    return { flight: [inTheClear(this.#transcript.sending(HANDSHAKE_TYPE.clientHello, body))] };
  }

  /** RFC 6347 section 4.2.1. */
  #onHelloVerifyRequest({ body }: HandshakeMessage): HandshakeStep {
    const reader = new ByteReader(body);
    // A version, which says nothing.
    reader.uint(2);
    const cookie = reader.vector(1);
    reader.end();
    this.#transcript.restart();
    return this.#hello(cookie);
  }

  #check({ type, body }: HandshakeMessage): void {
    switch (type) {
      case HANDSHAKE_TYPE.serverHello:
        this.#serverHello = checkedServerHello(body);
        return;
      case HANDSHAKE_TYPE.certificate:
        this.#peerKey = this.#checkedPeerKey(body);
        return;
      case HANDSHAKE_TYPE.serverKeyExchange:
        this.#keyExchange = this.#checkedKeyExchange(body);
        return;
      case HANDSHAKE_TYPE.certificateRequest:
        checkCertificateRequest(body);
        this.#certificateWanted = true;
        return;
      default:
        new ByteReader(body).end();
    }
  }

  #checkedPeerKey(body: Buffer): KeyObject {
    const key = readPeerKey(body, this.#options.remoteFingerprints);
    if (key.asymmetricKeyType === SUITE_KEY_TYPES.get(known(this.#serverHello).cipherSuite)) return key;
    throw new HandshakeFailure("the peer's certificate does not fit the cipher suite that it chose", ALERT.illegal_parameter);
  }

  /** RFC 8422 section 5.4: the signature ties the key exchange to the certificate. */
  #checkedKeyExchange(body: Buffer): KeyExchange {
    const reader = new ByteReader(body);
    const curveType = reader.uint(1);
    const group = reader.uint(2);
    const peerPublicKey = reader.vector(1);
    if (curveType !== NAMED_CURVE || !GROUPS.includes(group)) {
      throw new HandshakeFailure('the peer chose an elliptic curve that was not offered', ALERT.illegal_parameter);
    }
    const params = body.subarray(0, 4 + peerPublicKey.length);
    const signed = Buffer.concat([this.#random, known(this.#serverHello).random, params]);
    if (!isSigned(signed, reader, known(this.#peerKey))) {
      throw new HandshakeFailure('the signature of the ServerKeyExchange is wrong', ALERT.decrypt_error);
    }
    return { ours: createEphemeralKey(group), peerPublicKey };
  }

  #secondFlight(): HandshakeStep {
    const { ours, peerPublicKey } = known(this.#keyExchange);
    const { random, extensions } = known(this.#serverHello);
    const preMasterSecret = ours.agree(peerPublicKey);
    const { certificate } = this.#options;
    const flight: FlightRecord[] = [];
    const add = (type: number, body: Buffer): void => void flight.push(inTheClear(this.#transcript.sending(type, body)));

    if (this.#certificateWanted) add(HANDSHAKE_TYPE.certificate, writeCertificate(certificate.der));
    add(HANDSHAKE_TYPE.clientKeyExchange, vector(1, ours.publicKey));
    const sessionHash = extensions.has(EXTENSION.extendedMasterSecret) ? this.#transcript.hash() : undefined;
    const secrets = new Secrets('client', { client: this.#random, server: random }, preMasterSecret, sessionHash);
    if (this.#certificateWanted) add(HANDSHAKE_TYPE.certificateVerify, writeSignature(this.#transcript.bytes(), certificate.privateKey));
    const finished = this.#transcript.sending(HANDSHAKE_TYPE.finished, secrets.finished(this.#transcript.hash()));

    this.#secrets = secrets;
    return { cipher: secrets.recordCipher(), flight: [...flight, ...changeCipherAndFinish(finished)] };
  }

  #onFinished({ body }: HandshakeMessage): HandshakeStep {
    const secrets = known(this.#secrets);
    secrets.checkFinished(body, this.#transcript.hash());
    const profile = chooseSrtpProfile(known(this.#serverHello).extensions.get(EXTENSION.useSrtp));
    return { result: { srtpKeys: secrets.srtpKeys(profile) } };
  }
}

function checkedServerHello(body: Buffer): ServerHello {
  const hello = parseServerHello(body);
  if (hello.version !== DTLS_1_2) throw new HandshakeFailure('the peer does not speak DTLS 1.2', ALERT.protocol_version);
  if (!SUITE_KEY_TYPES.has(hello.cipherSuite) || hello.compressionMethod !== NO_COMPRESSION) {
    throw new HandshakeFailure('the peer chose a cipher suite that was not offered', ALERT.illegal_parameter);
  }
  for (const type of hello.extensions.keys()) {
    if (!OFFERED_EXTENSIONS.has(type)) throw new HandshakeFailure(`the peer answers extension ${type}, which was not offered`, ALERT.unsupported_extension);
  }
  return hello;
}

/** RFC 5246 section 7.4.4: ours must be among what the server takes. */
function checkCertificateRequest(body: Buffer): void {
  const reader = new ByteReader(body);
  const types = reader.vector(1);
  const signatures = reader.uint16List();
  reader.vector(2);
  reader.end();
  if (types.includes(ECDSA_CERTIFICATE) && signatures.includes(SIGNATURE.ecdsaSha256)) return;
  throw new HandshakeFailure('the peer does not take an ECDSA certificate', ALERT.handshake_failure);
}
