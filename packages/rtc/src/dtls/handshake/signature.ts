import { type KeyObject, sign, verify } from 'node:crypto';
import { uint16s, vector } from './byte-writer.ts';
import { ByteReader } from './byte-reader.ts';

/** SignatureAndHashAlgorithm of RFC 5246 section 7.4.1.4.1. */
export const SIGNATURE = { rsaPkcs1Sha256: 0x0401, ecdsaSha256: 0x0403 } as const;

/** What we take of a peer. Our own certificate is an ECDSA one. */
export const SIGNATURES: readonly number[] = [SIGNATURE.ecdsaSha256, SIGNATURE.rsaPkcs1Sha256];

const KEY_TYPES = new Map<number, string>([
  [SIGNATURE.rsaPkcs1Sha256, 'rsa'],
  [SIGNATURE.ecdsaSha256, 'ec'],
]);

/** A DigitallySigned of RFC 5246 section 4.7, with an ECDSA key. */
export function writeSignature(data: Buffer, privateKey: KeyObject): Buffer {
  return Buffer.concat([uint16s(SIGNATURE.ecdsaSha256), vector(2, sign('sha256', data, privateKey))]);
}

/**
 * Whether a DigitallySigned is one of `data`, by an algorithm that we offer and the key is for.
 * @throws HandshakeFailure when it is malformed
 */
export function isSigned(data: Buffer, signature: ByteReader, publicKey: KeyObject): boolean {
  const keyType = KEY_TYPES.get(signature.uint(2));
  const value = signature.vector(2);
  signature.end();
  if (keyType === undefined || publicKey.asymmetricKeyType !== keyType) return false;
  return verify('sha256', data, publicKey, value);
}
