import { hash } from 'node:crypto';
import { ownCopy } from '../../own-copy.ts';

/** The two random values of a handshake, 32 bytes each. */
export interface Randoms {
  readonly client: Buffer;
  readonly server: Buffer;
}

/** Key and implicit nonce with which one side encrypts (RFC 5288 section 3). */
export interface WriteKey {
  readonly key: Buffer;
  readonly salt: Buffer;
}

/** Who writes with a key or a Finished. */
export type Side = 'client' | 'server';

const MASTER_SECRET_LENGTH = 48;
const VERIFY_DATA_LENGTH = 12;
const WRITE_KEY_LENGTH = 16;
const WRITE_SALT_LENGTH = 4;
const HASH_LENGTH = 32;
const HASH_BLOCK_LENGTH = 64;

/** @param sessionHash with it the extended one of RFC 7627, without the one of RFC 5246 section 8.1 */
export function deriveMasterSecret(preMasterSecret: Buffer, randoms: Randoms, sessionHash: Buffer | undefined): Buffer {
  if (sessionHash) return prf(preMasterSecret, 'extended master secret', sessionHash, MASTER_SECRET_LENGTH);
  return prf(preMasterSecret, 'master secret', Buffer.concat([randoms.client, randoms.server]), MASTER_SECRET_LENGTH);
}

/** The keys of records (RFC 5246 section 6.3). */
export function deriveWriteKeys(masterSecret: Buffer, randoms: Randoms): Readonly<Record<Side, WriteKey>> {
  const seed = Buffer.concat([randoms.server, randoms.client]);
  const block = prf(masterSecret, 'key expansion', seed, 2 * (WRITE_KEY_LENGTH + WRITE_SALT_LENGTH));
  const [clientKey, serverKey, clientSalt, serverSalt] = split(block, WRITE_KEY_LENGTH, WRITE_SALT_LENGTH);
  return { client: { key: clientKey, salt: clientSalt }, server: { key: serverKey, salt: serverSalt } };
}

/** Keying material for others (RFC 5705), here for SRTP (RFC 5764 section 4.2). */
export function exportSrtpKeys(masterSecret: Buffer, randoms: Randoms, keyLength: number, saltLength: number): Readonly<Record<Side, WriteKey>> {
  const seed = Buffer.concat([randoms.client, randoms.server]);
  const material = prf(masterSecret, 'EXTRACTOR-dtls_srtp', seed, 2 * (keyLength + saltLength));
  const [clientKey, serverKey, clientSalt, serverSalt] = split(material, keyLength, saltLength);
  return { client: { key: clientKey, salt: clientSalt }, server: { key: serverKey, salt: serverSalt } };
}

/** What the Finished of a side says (RFC 5246 section 7.4.9). */
export function finishedVerifyData(masterSecret: Buffer, side: Side, transcriptHash: Buffer): Buffer {
  return prf(masterSecret, `${side} finished`, transcriptHash, VERIFY_DATA_LENGTH);
}

/** P_SHA256 of RFC 5246 section 5. */
export function prf(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const mac = hmacSha256(secret);
  const labelAndSeed = Buffer.concat([Buffer.from(label, 'latin1'), seed]);
  const output = Buffer.alloc(Math.ceil(length / HASH_LENGTH) * HASH_LENGTH);
  let chained: Buffer = labelAndSeed;
  for (let offset = 0; offset < length; offset += HASH_LENGTH) {
    chained = mac(chained);
    mac(Buffer.concat([chained, labelAndSeed])).copy(output, offset);
  }
  return output.subarray(0, length);
}

/** RFC 2104 by two hashes in one call each, which takes half the time of an Hmac object. The key is no longer than a block. */
function hmacSha256(key: Buffer): (data: Buffer) => Buffer {
  const innerPad = Buffer.alloc(HASH_BLOCK_LENGTH, 0x36);
  const outerPad = Buffer.alloc(HASH_BLOCK_LENGTH, 0x5c);
  for (const [index, byte] of key.entries()) {
    innerPad[index] = byte ^ 0x36;
    outerPad[index] = byte ^ 0x5c;
  }
  return (data) => sha256(Buffer.concat([outerPad, sha256(Buffer.concat([innerPad, data]))]));
}

function sha256(data: Buffer): Buffer {
  return hash('sha256', data, 'buffer');
}

function split(block: Buffer, keyLength: number, saltLength: number): [Buffer, Buffer, Buffer, Buffer] {
  const part = (start: number, length: number): Buffer => ownCopy(block.subarray(start, start + length));
  const salts = 2 * keyLength;
  return [part(0, keyLength), part(keyLength, keyLength), part(salts, saltLength), part(salts + saltLength, saltLength)];
}
