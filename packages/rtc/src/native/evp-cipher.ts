import { MediaError } from '@sluice/core';
import type { NativeEnvironment } from './native-environment.ts';
import type { NativeAddress } from './native-functions.ts';
import { NULL } from './native-memory.ts';

const EVP_CTRL_AEAD_GET_TAG = 0x10;
const EVP_CTRL_AEAD_SET_TAG = 0x11;
const KEY_BYTES = 16;
const TAG_BYTES = 16;
const BLOCK_BYTES = 16;
const INT_BYTES = 4;

/** AES-128 in counter mode (IV of 16 bytes), or as AEAD in Galois counter mode (IV of 12 bytes). */
export type EvpAlgorithm = 'ctr' | 'gcm';

/**
 * A cipher context of OpenSSL for one direction, whose key schedule is made once. Per packet: {@link start}, for
 * an AEAD {@link authenticate}, then {@link crypt}, then {@link writeTag} or {@link isAuthentic}. All offsets
 * are of the arena. Every method throws MediaError INTERNAL when OpenSSL fails, and after {@link free}.
 */
export class EvpCipher {
  readonly #environment: NativeEnvironment;
  readonly #ivBytes: number;
  readonly #initialise: NativeEnvironment['functions']['EVP_EncryptInit_ex'];
  readonly #update: NativeEnvironment['functions']['EVP_EncryptUpdate'];
  /** Where OpenSSL writes what is of no use: lengths, and the last block, which these modes have not. */
  readonly #outputLength: NativeAddress;
  readonly #finalBlock: NativeAddress;
  #context: NativeAddress;

  /** @throws MediaError INTERNAL when the key is of another length than 16 bytes, or there is no memory */
  constructor(environment: NativeEnvironment, algorithm: EvpAlgorithm, direction: 'seal' | 'open', key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new MediaError('INTERNAL', `AES-128 needs a key of ${KEY_BYTES} bytes, not of ${key.length}.`);
    const { functions, memory, scratch } = environment;
    this.#environment = environment;
    this.#ivBytes = algorithm === 'gcm' ? 12 : 16;
    this.#initialise = direction === 'seal' ? functions.EVP_EncryptInit_ex : functions.EVP_DecryptInit_ex;
    this.#update = direction === 'seal' ? functions.EVP_EncryptUpdate : functions.EVP_DecryptUpdate;
    this.#outputLength = memory.address(scratch.outputLength, INT_BYTES);
    this.#finalBlock = memory.address(scratch.block, BLOCK_BYTES);
    this.#context = functions.EVP_CIPHER_CTX_new();
    if (this.#context === NULL) throw new MediaError('INTERNAL', 'OpenSSL has no memory for another cipher.');
    environment.openCiphers++;
    this.#setKey(algorithm, key);
  }

  /** Begins a packet. */
  start(iv: number): void {
    this.#check(this.#initialise(this.#usable(), NULL, NULL, NULL, this.#environment.memory.address(iv, this.#ivBytes)));
  }

  /** Takes data that is authenticated only; may be called several times. */
  authenticate(offset: number, bytes: number): void {
    this.#check(this.#update(this.#usable(), NULL, this.#outputLength, this.#environment.memory.address(offset, bytes), bytes));
  }

  /**
   * Encrypts or decrypts. What is decrypted may not be trusted before {@link isAuthentic}.
   * @param output the same as `input`, or apart from it
   */
  crypt(input: number, output: number, bytes: number): void {
    const { memory } = this.#environment;
    this.#check(this.#update(this.#usable(), memory.address(output, bytes), this.#outputLength, memory.address(input, bytes), bytes));
  }

  /** Ends a packet that is sealed: writes the 16 bytes of its tag. */
  writeTag(tag: number): void {
    const { functions, memory } = this.#environment;
    const context = this.#usable();
    this.#check(functions.EVP_EncryptFinal_ex(context, this.#finalBlock, this.#outputLength));
    this.#check(functions.EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, memory.address(tag, TAG_BYTES)));
  }

  /** Ends a packet that is opened: compares with the 16 bytes of its tag, in constant time. */
  isAuthentic(tag: number): boolean {
    const { functions, memory } = this.#environment;
    const context = this.#usable();
    this.#check(functions.EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, memory.address(tag, TAG_BYTES)));
    if (functions.EVP_DecryptFinal_ex(context, this.#finalBlock, this.#outputLength) === 1) return true;
    functions.ERR_clear_error();
    return false;
  }

  /** Idempotent. */
  free(): void {
    if (this.#context === NULL) return;
    this.#environment.functions.EVP_CIPHER_CTX_free(this.#context);
    this.#context = NULL;
    this.#environment.openCiphers--;
  }

  #setKey(algorithm: EvpAlgorithm, key: Uint8Array): void {
    const { functions, memory, scratch } = this.#environment;
    const cipher = algorithm === 'gcm' ? functions.EVP_aes_128_gcm() : functions.EVP_aes_128_ctr();
    memory.bytes.set(key, scratch.block);
    const result = this.#initialise(this.#context, cipher, NULL, memory.address(scratch.block, KEY_BYTES), NULL);
    memory.bytes.fill(0, scratch.block, scratch.block + KEY_BYTES);
    if (result !== 1) this.free();
    this.#check(result);
  }

  /** A freed context would be somebody else's memory. */
  #usable(): NativeAddress {
    if (this.#context === NULL) throw new MediaError('INTERNAL', 'A cipher was used after it had been freed.');
    return this.#context;
  }

  #check(result: number): void {
    if (result === 1) return;
    // What OpenSSL notes of an error, TLS of this thread would take for its own.
    this.#environment.functions.ERR_clear_error();
    throw new MediaError('INTERNAL', 'OpenSSL failed on a packet.');
  }
}
