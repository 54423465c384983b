import { createHash } from 'node:crypto';
import type { NativeEnvironment } from './native-environment.ts';

const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
/** SHA_CTX of OpenSSL's sha.h: five words of state, two of length, sixteen of data, one count. */
const STATE_WORDS = 24;
const STATE_BYTES = 4 * STATE_WORDS;
const SHA1_BYTES = 20;

/** HMAC-SHA1 (RFC 2104) with one key, whose two blocks are hashed once. */
export class HmacSha1 {
  readonly #environment: NativeEnvironment;
  readonly #inner: Uint32Array;
  readonly #outer: Uint32Array;
  readonly #state: Uint32Array;

  constructor(environment: NativeEnvironment, key: Uint8Array) {
    this.#environment = environment;
    this.#state = new Uint32Array(environment.arena.memory.buffer, environment.scratch.sha1State, STATE_WORDS);
    const block = Buffer.alloc(BLOCK_BYTES);
    block.set(key.length > BLOCK_BYTES ? createHash('sha1').update(key).digest() : key);
    this.#inner = this.#hashBlock(block, INNER_PAD);
    this.#outer = this.#hashBlock(block, OUTER_PAD);
  }

  /**
   * Authenticates `bytes` of the arena.
   * @returns where the 20 bytes of the code stand until the next call
   */
  digest(offset: number, bytes: number): number {
    const { scratch } = this.#environment;
    this.#hash(this.#inner, offset, bytes);
    this.#hash(this.#outer, scratch.digest, SHA1_BYTES);
    return scratch.digest;
  }

  #hash(start: Uint32Array, offset: number, bytes: number): void {
    const { functions, memory, scratch } = this.#environment;
    this.#state.set(start);
    const state = memory.address(scratch.sha1State, STATE_BYTES);
    functions.SHA1_Update(state, memory.address(offset, bytes), bytes);
    functions.SHA1_Final(memory.address(scratch.digest, SHA1_BYTES), state);
  }

  #hashBlock(key: Uint8Array, pad: number): Uint32Array {
    const { functions, memory, scratch } = this.#environment;
    memory.bytes.set(key.map((byte) => byte ^ pad), scratch.sha1Block);
    const state = memory.address(scratch.sha1State, STATE_BYTES);
    functions.SHA1_Init(state);
    functions.SHA1_Update(state, memory.address(scratch.sha1Block, BLOCK_BYTES), BLOCK_BYTES);
    memory.bytes.fill(0, scratch.sha1Block, scratch.sha1Block + BLOCK_BYTES);
    return this.#state.slice();
  }
}
