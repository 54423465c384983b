import { type KeyObject, X509Certificate } from 'node:crypto';
import { ALERT } from '../alert.ts';
import { type DtlsFingerprint, matchesFingerprint } from '../fingerprint.ts';
import { ByteReader } from './byte-reader.ts';
import { vector } from './byte-writer.ts';
import { HandshakeFailure } from './failure.ts';

/** RFC 5246 section 7.4.2, with one certificate (DER). */
export function writeCertificate(certificate: Buffer): Buffer {
  return vector(3, vector(3, certificate));
}

/**
 * The key in the peer's certificate, which must be the one that the signalling named (RFC 8827 section 6.5).
 * @throws HandshakeFailure
 */
export function readPeerKey(body: Buffer, fingerprints: readonly DtlsFingerprint[]): KeyObject {
  const reader = new ByteReader(body);
  const chain = new ByteReader(reader.vector(3));
  reader.end();
  if (chain.atEnd) throw new HandshakeFailure('the peer sent no certificate', ALERT.handshake_failure);
  const certificate = chain.vector(3);
  if (!matchesFingerprint(certificate, fingerprints)) {
    throw new HandshakeFailure("the peer's certificate does not match the fingerprint in its SDP", ALERT.bad_certificate);
  }
  try {
    return new X509Certificate(certificate).publicKey;
  } catch (error) {
    throw new HandshakeFailure("the peer's certificate cannot be read", ALERT.bad_certificate, { cause: error });
  }
}
