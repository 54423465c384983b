import type { RecordCipher } from './record-cipher.ts';
import { DTLS_1_2, serializeRecord } from './record.ts';

/** Numbers, encrypts and writes our records. */
export class RecordWriter {
  /** Of the next record, by epoch. Every record has its own number, also when its content is sent again. */
  readonly #sequences: [number, number] = [0, 0];
  #epoch: 0 | 1 = 0;
  #cipher: RecordCipher | undefined;

  /** The epoch of our last record of the handshake; alerts and data go in it. */
  get epoch(): 0 | 1 {
    return this.#epoch;
  }

  /** From here on there is an epoch 1. */
  set cipher(cipher: RecordCipher) {
    this.#cipher = cipher;
  }

  /** @returns undefined in epoch 1 before there is a cipher */
  write(contentType: number, epoch: 0 | 1, content: Buffer): Buffer | undefined {
    if (epoch === 1 && !this.#cipher) return undefined;
    this.#epoch = Math.max(this.#epoch, epoch) === 1 ? 1 : 0;
    const sequence = this.#sequences[epoch]++;
    const header = { contentType, version: DTLS_1_2, epoch, sequence };
    const fragment = epoch === 1 && this.#cipher ? this.#cipher.seal(header, content) : content;
    return serializeRecord({ ...header, fragment });
  }
}
