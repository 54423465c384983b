import { type KeyObject, createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { ALERT } from '../alert.ts';
import { HandshakeFailure } from './failure.ts';

/** Named groups of RFC 8422 section 5.1.1. */
export const GROUP = { secp256r1: 23, x25519: 29 } as const;

/** The groups that we take, the cheaper first. */
export const GROUPS: readonly number[] = [GROUP.x25519, GROUP.secp256r1];

/** SubjectPublicKeyInfo of RFC 8410 up to the 32 bytes of the key. */
const X25519_SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');
const X25519_KEY_LENGTH = 32;
const P256_CURVE = 'prime256v1';

/** Our half of an elliptic-curve Diffie-Hellman exchange, used once. */
export interface EphemeralKey {
  readonly group: number;
  /** As it stands in a key exchange message. */
  readonly publicKey: Buffer;
  /** @throws HandshakeFailure when the peer's key is no point of the curve */
  agree(peerPublicKey: Buffer): Buffer;
}

/** Makes a key of one of {@link GROUPS}. */
export function createEphemeralKey(group: number): EphemeralKey {
  const key = group === GROUP.x25519 ? createX25519Key() : createP256Key();
  return { group, publicKey: key.publicKey, agree: (peerPublicKey) => refusingBadKeys(() => key.agree(peerPublicKey)) };
}

function createX25519Key(): Omit<EphemeralKey, 'group'> {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return {
    // The only export of raw bytes that Node 24 has, and half as dear as one in DER.
    publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
    // OpenSSL refuses the points of small order, whose secret is zero (RFC 7748 section 6.1).
    agree: (peerPublicKey) => diffieHellman({ privateKey, publicKey: importX25519(peerPublicKey) }),
  };
}

function importX25519(key: Buffer): KeyObject {
  if (key.length !== X25519_KEY_LENGTH) throw new RangeError(`a key of X25519 has ${X25519_KEY_LENGTH} bytes, not ${key.length}`);
  return createPublicKey({ key: Buffer.concat([X25519_SPKI_PREFIX, key]), format: 'der', type: 'spki' });
}

function createP256Key(): Omit<EphemeralKey, 'group'> {
  const ecdh = createECDH(P256_CURVE);
  const publicKey = ecdh.generateKeys();
  return { publicKey, agree: (peerPublicKey) => ecdh.computeSecret(peerPublicKey) };
}

function refusingBadKeys(agree: () => Buffer): Buffer {
  try {
    return agree();
  } catch (error) {
    throw new HandshakeFailure("the peer's key exchange has a bad key", ALERT.illegal_parameter, { cause: error });
  }
}
