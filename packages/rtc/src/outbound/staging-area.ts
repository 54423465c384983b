import type { PacketArena } from './packet-arena.ts';

/** A cache line, so that payloads of two packets share none. */
const ALIGNMENT = 64;

/**
 * Room in the arena for packets of sources between their arrival and the flush that passes them on: a ring, because
 * some wait longer than others. Positions count bytes since the beginning, and never fall.
 */
export class StagingArea {
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #size: number;
  #end = 0;
  #released = 0;

  /** @param size bytes, rounded up to cache lines */
  constructor(arena: PacketArena, size: number) {
    this.#bytes = arena.bytes;
    this.#size = align(size);
    this.#start = arena.allocate(this.#size);
  }

  /** Behind the packet stored last. */
  get end(): number {
    return this.#end;
  }

  /** Copies the first `length` bytes of `packet`. @returns their offset in the arena; -1 when there is no room */
  store(packet: Buffer, length: number): number {
    const needed = align(length);
    const left = this.#size - (this.#end % this.#size);
    // A packet stands in one piece.
    const position = needed > left ? this.#end + left : this.#end;
    if (position + needed - this.#released > this.#size) return -1;
    const offset = this.#start + (position % this.#size);
    packet.copy(this.#bytes, offset, 0, length);
    this.#end = position + needed;
    return offset;
  }

  /** Nobody needs what was stored before this position any more. */
  release(position: number): void {
    this.#released = position;
  }
}

function align(bytes: number): number {
  return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
}
