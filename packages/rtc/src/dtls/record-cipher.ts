import { type KeyObject, createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import type { WriteKey } from './handshake/key-schedule.ts';
import type { DtlsRecord } from './record.ts';

const ALGORITHM = 'aes-128-gcm';
const TAG_BYTES = 16;
const TAG_OPTIONS = { authTagLength: TAG_BYTES } as const;
const NONCE_BYTES = 12;
/** Of the nonce; the rest stands before the ciphertext. */
const SALT_BYTES = 4;
const EXPLICIT_NONCE_BYTES = NONCE_BYTES - SALT_BYTES;
const ADDITIONAL_DATA_BYTES = 13;

/** Everything of a record but its content. */
export type RecordHeader = Omit<DtlsRecord, 'fragment'>;

interface DirectionKey {
  readonly key: KeyObject;
  readonly salt: Buffer;
}

/** AES-128-GCM of records (RFC 5288 section 3): `explicit nonce | ciphertext | tag`. */
export class RecordCipher {
  readonly #local: DirectionKey;
  readonly #remote: DirectionKey;

  constructor(local: WriteKey, remote: WriteKey) {
    this.#local = { key: createSecretKey(local.key), salt: local.salt };
    this.#remote = { key: createSecretKey(remote.key), salt: remote.salt };
  }

  /** The fragment of a record of ours. Epoch and sequence must never come twice: they are the nonce. */
  seal(header: RecordHeader, plaintext: Buffer): Buffer {
    const nonce = Buffer.alloc(NONCE_BYTES);
    this.#local.salt.copy(nonce);
    nonce.writeUInt16BE(header.epoch, SALT_BYTES);
    nonce.writeUIntBE(header.sequence, SALT_BYTES + 2, 6);
    const cipher = createCipheriv(ALGORITHM, this.#local.key, nonce, TAG_OPTIONS);
    cipher.setAAD(additionalData(header, plaintext.length));
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    return Buffer.concat([nonce.subarray(SALT_BYTES), ciphertext, cipher.getAuthTag()]);
  }

  /** The plaintext of a record; undefined when it is not the peer's. */
  open({ fragment, ...header }: DtlsRecord): Buffer | undefined {
    const length = fragment.length - EXPLICIT_NONCE_BYTES - TAG_BYTES;
    if (length < 0) return undefined;
    const nonce = Buffer.concat([this.#remote.salt, fragment.subarray(0, EXPLICIT_NONCE_BYTES)]);
    const tagOffset = EXPLICIT_NONCE_BYTES + length;
    const decipher = createDecipheriv(ALGORITHM, this.#remote.key, nonce, TAG_OPTIONS);
    decipher.setAAD(additionalData(header, length));
    decipher.setAuthTag(fragment.subarray(tagOffset));
    const plaintext = decipher.update(fragment.subarray(EXPLICIT_NONCE_BYTES, tagOffset));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return plaintext;
  }
}

/** RFC 5246 section 6.2.3.3, with epoch and sequence in place of the number (RFC 6347 section 4.1.2.1). */
function additionalData({ contentType, version, epoch, sequence }: RecordHeader, length: number): Buffer {
  const data = Buffer.alloc(ADDITIONAL_DATA_BYTES);
  data.writeUInt16BE(epoch, 0);
  data.writeUIntBE(sequence, 2, 6);
  data.writeUInt8(contentType, 8);
  data.writeUInt16BE(version, 9);
  data.writeUInt16BE(length, 11);
  return data;
}
