import { createHash } from 'node:crypto';

/** A certificate's fingerprint as SDP carries it (RFC 8122 section 5). */
export interface DtlsFingerprint {
  /** `sha-1`, `sha-256`, `sha-384` or `sha-512`, in any case. */
  readonly algorithm: string;
  /** Hexadecimal bytes with colons, in any case. */
  readonly value: string;
}

const HASH_NAMES = new Map([
  ['sha-1', 'sha1'],
  ['sha-256', 'sha256'],
  ['sha-384', 'sha384'],
  ['sha-512', 'sha512'],
]);

/** Whether the certificate (DER) has one of the fingerprints; one of an unknown algorithm never fits. */
export function matchesFingerprint(certificate: Buffer, fingerprints: readonly DtlsFingerprint[]): boolean {
  return fingerprints.some(({ algorithm, value }) => {
    const hash = HASH_NAMES.get(algorithm.toLowerCase());
    if (hash === undefined) return false;
    return createHash(hash).update(certificate).digest('hex') === value.replaceAll(':', '').toLowerCase();
  });
}
