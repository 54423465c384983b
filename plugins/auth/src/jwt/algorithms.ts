import type { KeyObject } from 'node:crypto';

/** What tokens may be signed with (RFC 7518, RFC 8037); nothing else is ever tried, least of all `none`. */
export const ALGORITHMS = ['HS256', 'RS256', 'ES256', 'EdDSA'] as const;

/** One of {@link ALGORITHMS}. */
export type Algorithm = (typeof ALGORITHMS)[number];

/** A key and the one algorithm that it may be used with, so that a token cannot choose another for it. */
export interface VerificationKey {
  readonly algorithm: Algorithm;
  readonly kid: string | undefined;
  readonly key: KeyObject;
}

export function isAlgorithm(value: unknown): value is Algorithm {
  return ALGORITHMS.some((algorithm) => algorithm === value);
}

/** @returns undefined when no algorithm of ours takes such a key, or not one so weak */
export function algorithmOf(key: KeyObject): Algorithm | undefined {
  const { asymmetricKeyType, asymmetricKeyDetails: details, symmetricKeySize } = key;
  // RFC 7518 sections 3.2 and 3.3: at least as long as the hash, and at least 2048 bits.
  if (key.type === 'secret') return (symmetricKeySize ?? 0) >= 32 ? 'HS256' : undefined;
  if (asymmetricKeyType === 'rsa') return (details?.modulusLength ?? 0) >= 2_048 ? 'RS256' : undefined;
  if (asymmetricKeyType === 'ec') return details?.namedCurve === 'prime256v1' ? 'ES256' : undefined;
  return asymmetricKeyType === 'ed25519' ? 'EdDSA' : undefined;
}
