import { X509Certificate } from 'node:crypto';
import { CipherContext, HashAlgorithm, NamedCurveAlgorithm, SignatureAlgorithm, type SignatureHash } from 'werift';
import type { DtlsFingerprint } from './fingerprint.ts';

/** A self-signed certificate with its key; one serves all associations of an engine. */
export interface DtlsCertificate {
  readonly certPem: string;
  readonly privateKeyPem: string;
  readonly signatureHash: SignatureHash;
  /** Goes into our SDP. */
  readonly fingerprint: DtlsFingerprint;
}

/** Makes an ECDSA P-256 certificate, which every WebRTC endpoint must accept (RFC 8827 section 6.5). */
export async function createDtlsCertificate(): Promise<DtlsCertificate> {
  const { certPem, keyPem, signatureHash } = await CipherContext.createSelfSignedCertificateWithKey(
    { signature: SignatureAlgorithm.ecdsa_3, hash: HashAlgorithm.sha256_4 },
    NamedCurveAlgorithm.secp256r1_23,
  );
  return {
    certPem,
    privateKeyPem: keyPem,
    signatureHash,
    fingerprint: { algorithm: 'sha-256', value: new X509Certificate(certPem).fingerprint256 },
  };
}
