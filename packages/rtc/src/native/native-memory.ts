import { MediaError } from '@sluice/core';
import type { PacketArena } from '../outbound/packet-arena.ts';
import type { NativeAddress, NativeLibrary } from './native-functions.ts';

const ADDRESS_BYTES = 8;
const WORD_VALUES = 2 ** 32;

/** The NULL of C. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one address that is no place
export const NULL = 0 as NativeAddress;

/**
 * The arena as native code sees it. This class alone turns offsets into addresses, and none before it has checked
 * that all the bytes that native code will touch are in the arena: what gets past it is corrupted memory.
 */
export class NativeMemory {
  readonly bytes: Buffer;
  readonly #byteLength: number;
  readonly #base: number;
  readonly #words: Uint32Array;

  constructor(arena: PacketArena, library: NativeLibrary) {
    const { buffer } = arena.memory;
    this.bytes = arena.bytes;
    this.#byteLength = buffer.byteLength;
    this.#base = library.baseAddress(arena.bytes);
    this.#words = new Uint32Array(buffer);
  }

  /**
   * The address of `length` bytes of the arena.
   * @throws MediaError INTERNAL when they are not all in it
   */
  address(offset: number, length: number): NativeAddress {
    // NaN, fractions and what is negative or too large do not survive the shift.
    if (offset >>> 0 !== offset || length >>> 0 !== length || offset + length > this.#byteLength) throw outside(offset, length);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked
    return (this.#base + offset) as NativeAddress;
  }

  /**
   * Writes the address of `length` bytes to `position`, where a structure of the system holds it.
   * @throws MediaError INTERNAL when bytes or position are not in the arena, or no structure has an address there
   */
  writeAddress(position: number, offset: number, length: number): void {
    const address: number = this.address(offset, length);
    if (position % ADDRESS_BYTES !== 0) throw outside(position, ADDRESS_BYTES);
    this.address(position, ADDRESS_BYTES);
    this.#words[position >>> 2] = address % WORD_VALUES;
    this.#words[(position >>> 2) + 1] = Math.floor(address / WORD_VALUES);
  }
}

function outside(offset: number, length: number): MediaError {
  return new MediaError('INTERNAL', `Native code was to get ${length} bytes at offset ${offset}, which are not in the packet arena.`);
}
