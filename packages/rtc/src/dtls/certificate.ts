import { type KeyObject, X509Certificate, createPrivateKey } from 'node:crypto';
import { CipherContext, HashAlgorithm, NamedCurveAlgorithm, SignatureAlgorithm } from 'werift';
import type { DtlsFingerprint } from './fingerprint.ts';

/** A self-signed certificate with its key; one serves all associations of an engine. */
export interface DtlsCertificate {
  readonly der: Buffer;
  /** ECDSA, P-256. */
  readonly privateKey: KeyObject;
  /** Goes into our SDP. */
  readonly fingerprint: DtlsFingerprint;
}

/** Makes an ECDSA P-256 certificate, which every WebRTC endpoint must accept (RFC 8827 section 6.5). */
export async function createDtlsCertificate(): Promise<DtlsCertificate> {
  const { certPem, keyPem } = await CipherContext.createSelfSignedCertificateWithKey(
    { signature: SignatureAlgorithm.ecdsa_3, hash: HashAlgorithm.sha256_4 },
    NamedCurveAlgorithm.secp256r1_23,
  );
  const certificate = new X509Certificate(certPem);
  return {
    der: certificate.raw,
    privateKey: createPrivateKey(keyPem),
    fingerprint: { algorithm: 'sha-256', value: certificate.fingerprint256 },
  };
}
