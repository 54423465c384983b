import type { PacketArena } from './packet-arena.ts';

/** Distance of two slots. No power of two, whose multiples would compete for the same lines of a processor's cache. */
export const SLOT_BYTES = 1664;
/** Longest packet before it is sealed. The rest of its slot is for the tag, and for kernels that write whole blocks. */
export const MAX_PACKET_BYTES = 1536;
/** Of the batches that an engine sends. */
export const DEFAULT_BATCH_PACKETS = 128;

/**
 * Packets on their way out, in the order of sending; those to one viewer stand together. It is all numbers in
 * the arena, so that WebAssembly, native calls and other threads can take it as it is. Entry `i` of each array
 * is about the packet in slot `i`, which holds its header in final form, and its sealed rest once it is sealed.
 */
export class PacketBatch {
  readonly arena: PacketArena;
  readonly capacity: number;
  /** Packets in it. */
  count = 0;
  readonly headerBytes: Uint16Array;
  /** Where the plaintext payload is: somewhere in the arena, for many viewers at once, or behind the header in the slot. */
  readonly payloadOffset: Uint32Array;
  readonly payloadBytes: Uint16Array;
  /** Upper 32 bits of the SRTP index (RFC 3711 section 3.3.1); the sequence number stands in the header. */
  readonly rolloverCounter: Uint32Array;
  /** Of a context of the sealer. */
  readonly contextId: Uint32Array;
  /** Of a destination of the sender. */
  readonly destinationId: Uint32Array;
  /** Length of the sealed packet; written by the sealer. */
  readonly sealedBytes: Uint16Array;
  /** 1 for a packet that was not sent; written by the sender. */
  readonly dropped: Uint8Array;
  readonly #slots: number;

  /** @param capacity packets at most. Default 128 */
  constructor(arena: PacketArena, capacity = DEFAULT_BATCH_PACKETS) {
    this.arena = arena;
    this.capacity = capacity;
    const { buffer } = arena.memory;
    const words = (): Uint32Array => new Uint32Array(buffer, arena.allocate(4 * capacity), capacity);
    const halfWords = (): Uint16Array => new Uint16Array(buffer, arena.allocate(2 * capacity), capacity);
    this.headerBytes = halfWords();
    this.payloadOffset = words();
    this.payloadBytes = halfWords();
    this.rolloverCounter = words();
    this.contextId = words();
    this.destinationId = words();
    this.sealedBytes = halfWords();
    this.dropped = new Uint8Array(buffer, arena.allocate(capacity), capacity);
    this.#slots = arena.allocate(capacity * SLOT_BYTES);
  }

  /** Arena offset of a packet's slot. */
  slotOffset(index: number): number {
    return this.#slots + index * SLOT_BYTES;
  }
}
