import { MediaError } from '@sluice/core';

/** The front of the memory is the kernel's, for its constants and scratch space. */
const ARENA_RESERVED_BYTES = 65_536;
const PAGE_BYTES = 65_536;
/** A cache line, which is also more than SIMD needs. */
const DEFAULT_ALIGNMENT = 64;
/** Only what is written to takes memory of the machine. */
const DEFAULT_BYTES = 64 * 1024 * 1024;

/** What {@link PacketArena} takes. */
export interface PacketArenaOptions {
  /** Rounded up to pages of 64 KiB. Default 64 MiB. */
  readonly bytes?: number | undefined;
}

/**
 * The memory that packets stand in from the writing of their headers until they are sent. It never grows,
 * so that neither its address nor its views change: WebAssembly and native calls work on it in place.
 */
export class PacketArena {
  readonly memory: WebAssembly.Memory;
  readonly bytes: Buffer;
  #used = ARENA_RESERVED_BYTES;

  constructor({ bytes = DEFAULT_BYTES }: PacketArenaOptions = {}) {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.bytes = Buffer.from(this.memory.buffer);
  }

  /**
   * Takes bytes that are zero, for as long as the arena lives; who needs them for less keeps and reuses them.
   * @param alignment a power of two
   * @returns their offset
   * @throws MediaError INTERNAL when the arena is full
   */
  allocate(bytes: number, alignment = DEFAULT_ALIGNMENT): number {
    const offset = (this.#used + alignment - 1) & -alignment;
    if (offset + bytes > this.bytes.length) {
      throw new MediaError('INTERNAL', `The packet arena of ${this.bytes.length} bytes is full: ${bytes} more were asked for.`);
    }
    this.#used = offset + bytes;
    return offset;
  }
}
