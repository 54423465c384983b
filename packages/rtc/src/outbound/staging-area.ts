import type { PacketArena } from './packet-arena.ts';

/** A cache line, so that payloads of two packets share none. */
const ALIGNMENT = 64;

/**
 * Room in the arena for packets of sources between their arrival and the flush that passes them on. It has two
 * halves: what comes while one is passed on goes to the other.
 */
export class StagingArea {
  readonly #bytes: Buffer;
  readonly #halves: readonly [number, number];
  readonly #halfBytes: number;
  #half: 0 | 1 = 0;
  #used = 0;

  constructor(arena: PacketArena, halfBytes: number) {
    this.#bytes = arena.bytes;
    this.#halfBytes = halfBytes;
    this.#halves = [arena.allocate(halfBytes), arena.allocate(halfBytes)];
  }

  /** Copies the first `length` bytes of `packet`. @returns their offset in the arena; -1 when the half is full */
  store(packet: Buffer, length: number): number {
    if (this.#used + length > this.#halfBytes) return -1;
    const offset = this.#halves[this.#half] + this.#used;
    packet.copy(this.#bytes, offset, 0, length);
    this.#used = (this.#used + length + ALIGNMENT - 1) & -ALIGNMENT;
    return offset;
  }

  /** From now on packets go to the other half, over what it held. */
  swap(): void {
    this.#half = this.#half === 0 ? 1 : 0;
    this.#used = 0;
  }
}
