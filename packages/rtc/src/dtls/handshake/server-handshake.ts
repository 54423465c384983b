import { type KeyObject, randomBytes } from 'node:crypto';
import { ALERT } from '../alert.ts';
import { DTLS_1_2 } from '../record.ts';
import { ByteReader } from './byte-reader.ts';
import { uint16s, vector } from './byte-writer.ts';
import { readPeerKey, writeCertificate } from './certificate-message.ts';
import { HandshakeFailure } from './failure.ts';
import { type Handshake, type HandshakeOptions, type HandshakeStep, changeCipherAndFinish, inTheClear, known } from './handshake.ts';
import { CIPHER_SUITE, type ClientHello, EXTENSION, NO_COMPRESSION, RENEGOTIATION_INFO_SCSV, parseClientHello, writeServerHello } from './hello.ts';
import { type EphemeralKey, GROUPS, createEphemeralKey } from './key-agreement.ts';
import type { Randoms } from './key-schedule.ts';
import { FROM_CLIENT, MessageOrder } from './message-order.ts';
import { HANDSHAKE_TYPE, type HandshakeMessage } from './message.ts';
import { Secrets } from './secrets.ts';
import { SIGNATURE, SIGNATURES, isSigned, writeSignature } from './signature.ts';
import { type SrtpProfileId, acceptSrtp, chooseSrtpProfile } from './srtp-profiles.ts';
import { Transcript } from './transcript.ts';

const RANDOM_LENGTH = 32;
const NAMED_CURVE = 3;
/** ClientCertificateType (RFC 8422 section 5.5, RFC 5246 section 7.4.4). */
const CERTIFICATE_TYPES = Buffer.of(64, 1);
const UNCOMPRESSED_POINTS = Buffer.of(1, 0);

/** What the hellos have settled. */
interface Agreed {
  readonly randoms: Randoms;
  readonly ephemeralKey: EphemeralKey;
  readonly srtpProfile: SrtpProfileId | undefined;
  readonly extendedMasterSecret: boolean;
}

/**
 * The server's side of DTLS 1.2 (RFC 6347) with ECDHE, and a client that must show a certificate. It asks
 * for no cookie: whoever reaches it has proven its address to ICE.
 */
export class ServerHandshake implements Handshake {
  readonly #options: HandshakeOptions;
  readonly #order = new MessageOrder(FROM_CLIENT);
  readonly #transcript = new Transcript();
  #agreed: Agreed | undefined;
  #peerKey: KeyObject | undefined;
  #secrets: Secrets | undefined;

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  start(): HandshakeStep {
    return {};
  }

  receive(message: HandshakeMessage): HandshakeStep {
    this.#order.advance(message.type);
    switch (message.type) {
      case HANDSHAKE_TYPE.clientHello:
        return this.#onClientHello(message);
      case HANDSHAKE_TYPE.certificate:
        return this.#onCertificate(message);
      case HANDSHAKE_TYPE.clientKeyExchange:
        return this.#onClientKeyExchange(message);
      case HANDSHAKE_TYPE.certificateVerify:
        return this.#onCertificateVerify(message);
      default:
        return this.#onFinished(message);
    }
  }

  #onClientHello(message: HandshakeMessage): HandshakeStep {
    const hello = parseClientHello(message.body);
    checkClientHello(hello);
    this.#transcript.received(message);
    const agreed: Agreed = {
      randoms: { client: Buffer.from(hello.random), server: randomBytes(RANDOM_LENGTH) },
      ephemeralKey: createEphemeralKey(chooseGroup(hello)),
      srtpProfile: chooseSrtpProfile(hello.extensions.get(EXTENSION.useSrtp)),
      extendedMasterSecret: hello.extensions.has(EXTENSION.extendedMasterSecret),
    };
    this.#agreed = agreed;
    return { flight: this.#firstFlight(hello, agreed) };
  }

  #firstFlight(hello: ClientHello, agreed: Agreed) {
    const { certificate } = this.#options;
    const messages: [number, Buffer][] = [
      [HANDSHAKE_TYPE.serverHello, serverHello(hello, agreed)],
      [HANDSHAKE_TYPE.certificate, writeCertificate(certificate.der)],
      [HANDSHAKE_TYPE.serverKeyExchange, serverKeyExchange(agreed, certificate.privateKey)],
      [HANDSHAKE_TYPE.certificateRequest, Buffer.concat([vector(1, CERTIFICATE_TYPES), vector(2, uint16s(...SIGNATURES)), vector(2)])],
      [HANDSHAKE_TYPE.serverHelloDone, Buffer.alloc(0)],
    ];
    return messages.map(([type, body]) => inTheClear(this.#transcript.sending(type, body)));
  }

  #onCertificate(message: HandshakeMessage): HandshakeStep {
    this.#peerKey = readPeerKey(message.body, this.#options.remoteFingerprints);
    this.#transcript.received(message);
    return {};
  }

  #onClientKeyExchange(message: HandshakeMessage): HandshakeStep {
    const { ephemeralKey, randoms, extendedMasterSecret } = known(this.#agreed);
    const reader = new ByteReader(message.body);
    const peerPublicKey = reader.vector(1);
    reader.end();
    const preMasterSecret = ephemeralKey.agree(peerPublicKey);
    this.#transcript.received(message);
    this.#secrets = new Secrets('server', randoms, preMasterSecret, extendedMasterSecret ? this.#transcript.hash() : undefined);
    return { cipher: this.#secrets.recordCipher() };
  }

  /** RFC 5246 section 7.4.8: the signature shows that the peer has the certificate's key. */
  #onCertificateVerify(message: HandshakeMessage): HandshakeStep {
    if (!isSigned(this.#transcript.bytes(), new ByteReader(message.body), known(this.#peerKey))) {
      throw new HandshakeFailure('the signature of the CertificateVerify is wrong', ALERT.decrypt_error);
    }
    this.#transcript.received(message);
    return {};
  }

  #onFinished(message: HandshakeMessage): HandshakeStep {
    const secrets = known(this.#secrets);
    secrets.checkFinished(message.body, this.#transcript.hash());
    this.#transcript.received(message);
    const finished = this.#transcript.sending(HANDSHAKE_TYPE.finished, secrets.finished(this.#transcript.hash()));
    return { flight: changeCipherAndFinish(finished), result: { srtpKeys: secrets.srtpKeys(known(this.#agreed).srtpProfile) } };
  }
}

function checkClientHello(hello: ClientHello): void {
  const { version, cipherSuites, compressionMethods, extensions } = hello;
  // Versions of DTLS count down.
  if (version > DTLS_1_2) throw new HandshakeFailure('the peer does not speak DTLS 1.2', ALERT.protocol_version);
  const signatures = extensions.get(EXTENSION.signatureAlgorithms);
  const canVerifyUs = signatures === undefined || new ByteReader(signatures).uint16List().includes(SIGNATURE.ecdsaSha256);
  if (!cipherSuites.includes(CIPHER_SUITE.ecdheEcdsa) || !canVerifyUs || !compressionMethods.includes(NO_COMPRESSION)) {
    throw new HandshakeFailure('the peer and we have no cipher suite in common', ALERT.handshake_failure);
  }
  // RFC 5746 section 3.6: this is no renegotiation.
  const renegotiation = extensions.get(EXTENSION.renegotiationInfo);
  if (renegotiation && !renegotiation.equals(vector(1))) {
    throw new HandshakeFailure('the peer takes the handshake for a renegotiation', ALERT.handshake_failure);
  }
}

/** A peer that names no group has to take any (RFC 8422 section 4). */
function chooseGroup({ extensions }: ClientHello): number {
  const groups = extensions.get(EXTENSION.supportedGroups);
  const offered = groups ? new ByteReader(groups).uint16List() : GROUPS.slice(-1);
  const group = GROUPS.find((ours) => offered.includes(ours));
  if (group === undefined) throw new HandshakeFailure('the peer and we have no elliptic curve in common', ALERT.handshake_failure);
  return group;
}

/** Only extensions that the client has sent may be answered (RFC 5246 section 7.4.1.4). */
function serverHello(hello: ClientHello, { randoms, srtpProfile, extendedMasterSecret }: Agreed): Buffer {
  const extensions = new Map<number, Buffer>();
  const { cipherSuites, extensions: offered } = hello;
  if (offered.has(EXTENSION.renegotiationInfo) || cipherSuites.includes(RENEGOTIATION_INFO_SCSV)) extensions.set(EXTENSION.renegotiationInfo, vector(1));
  if (offered.has(EXTENSION.pointFormats)) extensions.set(EXTENSION.pointFormats, UNCOMPRESSED_POINTS);
  if (extendedMasterSecret) extensions.set(EXTENSION.extendedMasterSecret, Buffer.alloc(0));
  if (srtpProfile !== undefined) extensions.set(EXTENSION.useSrtp, acceptSrtp(srtpProfile));
  return writeServerHello({ version: DTLS_1_2, random: randoms.server, cipherSuite: CIPHER_SUITE.ecdheEcdsa, extensions });
}

/** RFC 8422 section 5.4. */
function serverKeyExchange({ randoms, ephemeralKey }: Agreed, privateKey: KeyObject): Buffer {
  const params = Buffer.concat([Buffer.of(NAMED_CURVE), uint16s(ephemeralKey.group), vector(1, ephemeralKey.publicKey)]);
  return Buffer.concat([params, writeSignature(Buffer.concat([randoms.client, randoms.server, params]), privateKey)]);
}
