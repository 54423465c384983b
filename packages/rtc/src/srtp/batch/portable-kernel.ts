import { readFileSync } from 'node:fs';
import type { PacketArena } from '../../outbound/packet-arena.ts';

/** As far from here in dist/ as in src/. */
const BINARY = new URL('../../../kernel/srtp.wasm', import.meta.url);

/**
 * What kernel/assembly/index.ts exports. A context is the arena offset of its record; `first` and `end` are
 * indexes of the batch in use, and all packets from one to before the other are of the context.
 */
interface KernelExports {
  /** Of the record of a context. */
  readonly COUNTER_MODE_CONTEXT_BYTES: { readonly value: number };
  readonly GCM_CONTEXT_BYTES: { readonly value: number };
  /** Arena offset of the counter blocks, which the host turns into the keystream. */
  readonly KEYSTREAM: { readonly value: number };
  /** Room for them. */
  readonly KEYSTREAM_BYTES: { readonly value: number };
  /** Where the kernel's own memory at the front of the arena ends. */
  readonly RESERVED_END: { readonly value: number };
  /** @param key arena offset of the key and zeros up to 64 bytes */
  initialiseHmac(context: number, key: number): void;
  /** @param hashKey arena offset of AES(0) */
  initialiseGhash(context: number, hashKey: number): void;
  /** Takes the arena offsets of the arrays of a PacketBatch. */
  useBatch(
    headerBytes: number,
    payloadOffset: number,
    payloadBytes: number,
    rolloverCounter: number,
    sealedBytes: number,
    slots: number,
    slotBytes: number,
  ): void;
  /** @returns bytes of counter blocks */
  counterModeBlocks(context: number, first: number, end: number): number;
  gcmBlocks(context: number, first: number, end: number): number;
  /** Adds the keystream; the tags follow with `authenticate`. */
  encryptCounterMode(context: number, first: number, end: number): void;
  sealGcm(context: number, first: number, end: number): void;
  /** Writes the tags of all packets that were encrypted in counter mode. */
  authenticate(): void;
}

/** {@link KernelExports} with its constants as numbers. */
export type SrtpKernel = {
  readonly [Name in keyof KernelExports]: KernelExports[Name] extends { readonly value: number } ? number : KernelExports[Name];
};

/** The WebAssembly kernel, working on the memory of an arena. */
export function createSrtpKernel(arena: PacketArena): SrtpKernel {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(BINARY)), { env: { memory: arena.memory } });
  // The types are those of kernel/assembly; that the binary was made of it is tested.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const exports = instance.exports as unknown as KernelExports;
  return {
    ...exports,
    COUNTER_MODE_CONTEXT_BYTES: exports.COUNTER_MODE_CONTEXT_BYTES.value,
    GCM_CONTEXT_BYTES: exports.GCM_CONTEXT_BYTES.value,
    KEYSTREAM: exports.KEYSTREAM.value,
    KEYSTREAM_BYTES: exports.KEYSTREAM_BYTES.value,
    RESERVED_END: exports.RESERVED_END.value,
  };
}
