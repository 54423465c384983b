import { type Cipheriv, type KeyObject, createCipheriv } from 'node:crypto';
import { MediaError } from '@sluice/core';
import { IdTable } from '../../id-table.ts';
import type { PacketArena } from '../../outbound/packet-arena.ts';
import { MAX_PACKET_BYTES, type PacketBatch, SLOT_BYTES } from '../../outbound/packet-batch.ts';
import { SRTP_PROFILES, type SrtpProfile } from '../profiles.ts';
import { type SessionKeys, deriveSrtpKeys } from '../session-keys.ts';
import type { BatchSealer, SealingContext } from './batch-sealer.ts';
import { type SrtpKernel, createSrtpKernel } from './portable-kernel.ts';

const AES_BLOCK_BYTES = 16;
/** Of SHA-1: HMAC takes its key filled up to one. */
const HASH_BLOCK_BYTES = 64;
const DEFAULT_MAX_CONTEXTS = 16_384;

/** A context as `seal` needs it. */
interface Context {
  readonly profile: SrtpProfile;
  /** Arena offset of what the kernel knows of it. */
  readonly record: number;
  /** AES-128-ECB, which lives as long as the context: to make one costs more than to encrypt a packet. */
  readonly cipher: Cipheriv;
}

/** What {@link PortableSealer} takes. */
export interface PortableSealerOptions {
  readonly arena: PacketArena;
  /** Contexts at the same time. Default 16,384 */
  readonly maxContexts?: number | undefined;
}

/**
 * Seals with nothing but Node: node:crypto encrypts the counter blocks of all of a viewer's packets in one call,
 * and a WebAssembly kernel does the rest of AES-CM with HMAC-SHA1 and of AES-GCM in the arena.
 */
export class PortableSealer implements BatchSealer {
  readonly #arena: PacketArena;
  readonly #kernel: SrtpKernel;
  readonly #maxContexts: number;
  readonly #contexts = new IdTable<Context>();
  /** Records of contexts that were closed. */
  readonly #freeRecords: Readonly<Record<SrtpProfile, number[]>> = { AES_CM_128_HMAC_SHA1_80: [], AEAD_AES_128_GCM: [] };
  /** Packets whose counter blocks find room, however long they are. */
  readonly #packetsPerCall: number;
  /** The first `index` counter blocks, made when first needed: a view costs as much as the encryption. */
  readonly #counterBlocks: (Buffer | undefined)[];

  constructor({ arena, maxContexts = DEFAULT_MAX_CONTEXTS }: PortableSealerOptions) {
    this.#arena = arena;
    this.#kernel = createSrtpKernel(arena);
    this.#maxContexts = maxContexts;
    const bytesPerPacket = MAX_PACKET_BYTES + AES_BLOCK_BYTES;
    this.#packetsPerCall = Math.floor(this.#kernel.KEYSTREAM_BYTES / bytesPerPacket);
    this.#counterBlocks = Array.from({ length: this.#kernel.KEYSTREAM_BYTES / AES_BLOCK_BYTES + 1 }, () => undefined);
  }

  createContext(profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer): SealingContext {
    const keys = deriveSrtpKeys(profile, masterKey, masterSalt).rtp;
    if (this.#contexts.size >= this.#maxContexts) {
      throw new MediaError('INTERNAL', `More than ${this.#maxContexts} peers at the same time cannot be sent media to.`);
    }
    const context = { profile, record: this.#takeRecord(profile), cipher: createBlockCipher(keys.key) };
    this.#writeRecord(context, keys);
    const id = this.#contexts.add(context);
    return { id, tagBytes: SRTP_PROFILES[profile].tagBytes, close: () => this.#release(id, context) };
  }

  seal(batch: PacketBatch): void {
    if (batch.arena !== this.#arena) throw new MediaError('INTERNAL', 'A batch of another packet arena cannot be sealed.');
    this.#useBatch(batch);
    try {
      this.#sealRuns(batch);
    } finally {
      // Also after an error: the kernel must not keep packets of this batch for the next one.
      this.#kernel.authenticate();
    }
  }

  close(): void {
    this.#contexts.clear();
  }

  #useBatch(batch: PacketBatch): void {
    this.#kernel.useBatch(
      batch.headerBytes.byteOffset,
      batch.payloadOffset.byteOffset,
      batch.payloadBytes.byteOffset,
      batch.rolloverCounter.byteOffset,
      batch.sealedBytes.byteOffset,
      batch.slotOffset(0),
      SLOT_BYTES,
    );
  }

  /** Those of one context that stand together are sealed together. */
  #sealRuns(batch: PacketBatch): void {
    const { contextId, count } = batch;
    let first = 0;
    for (let index = 0; index < count; index++) {
      requireFit(batch, index);
      const next = index + 1;
      if (next < count && contextId[next] === contextId[first] && next - first < this.#packetsPerCall) continue;
      this.#sealRun(contextId[first] ?? 0, first, next);
      first = next;
    }
  }

  /** Packets of one context. */
  #sealRun(id: number, first: number, end: number): void {
    const context = this.#contexts.get(id);
    if (!context) throw new MediaError('INTERNAL', 'A packet is to be sealed with a context that was closed.');
    const kernel = this.#kernel;
    const { record, cipher } = context;
    if (context.profile === 'AEAD_AES_128_GCM') {
      this.#makeKeystream(cipher, kernel.gcmBlocks(record, first, end));
      kernel.sealGcm(record, first, end);
    } else {
      this.#makeKeystream(cipher, kernel.counterModeBlocks(record, first, end));
      kernel.encryptCounterMode(record, first, end);
    }
  }

  #makeKeystream(cipher: Cipheriv, bytes: number): void {
    if (bytes === 0) return;
    const { KEYSTREAM } = this.#kernel;
    const blocks = (this.#counterBlocks[bytes / AES_BLOCK_BYTES] ??= this.#arena.bytes.subarray(KEYSTREAM, KEYSTREAM + bytes));
    blocks.set(cipher.update(blocks));
  }

  #takeRecord(profile: SrtpProfile): number {
    return this.#freeRecords[profile].pop() ?? this.#arena.allocate(this.#recordBytes(profile));
  }

  #recordBytes(profile: SrtpProfile): number {
    return profile === 'AEAD_AES_128_GCM' ? this.#kernel.GCM_CONTEXT_BYTES : this.#kernel.COUNTER_MODE_CONTEXT_BYTES;
  }

  #writeRecord({ profile, record, cipher }: Context, { salt, authKey }: SessionKeys): void {
    const { bytes } = this.#arena;
    const { KEYSTREAM } = this.#kernel;
    // The rest of its block is zero: records are wiped when they are freed.
    bytes.set(salt, record);
    bytes.fill(0, KEYSTREAM, KEYSTREAM + HASH_BLOCK_BYTES);
    if (profile === 'AEAD_AES_128_GCM') {
      this.#makeKeystream(cipher, AES_BLOCK_BYTES);
      this.#kernel.initialiseGhash(record, KEYSTREAM);
    } else {
      bytes.set(authKey.export(), KEYSTREAM);
      this.#kernel.initialiseHmac(record, KEYSTREAM);
    }
    bytes.fill(0, KEYSTREAM, KEYSTREAM + HASH_BLOCK_BYTES);
  }

  #release(id: number, context: Context): void {
    if (this.#contexts.get(id) !== context) return;
    this.#contexts.remove(id);
    this.#arena.bytes.fill(0, context.record, context.record + this.#recordBytes(context.profile));
    this.#freeRecords[context.profile].push(context.record);
  }
}

/** The kernel writes wherever it is told to. */
function requireFit({ headerBytes, payloadBytes }: PacketBatch, index: number): void {
  const bytes = (headerBytes[index] ?? 0) + (payloadBytes[index] ?? 0);
  if (bytes > MAX_PACKET_BYTES) throw new MediaError('INTERNAL', `A packet of ${bytes} bytes does not fit into its slot.`);
}

function createBlockCipher(key: KeyObject): Cipheriv {
  return createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
}
