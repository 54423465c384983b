import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketArena } from '../outbound/packet-arena.ts';
import { createNativeEnvironment } from './native-environment.ts';
import { EvpCipher } from './evp-cipher.ts';
import { type NativeLibrary, loadNativeLibrary } from './native-functions.ts';
import { NativeMemory } from './native-memory.ts';

const BASE = 0x7f12_3456_0000;
const arena = new PacketArena({ bytes: 256 * 1024 });
const size = arena.bytes.length;

/** A library that says where the arena is, and calls nothing. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no function of it is called
const fake = { functions: {}, errno: () => 0, baseAddress: () => BASE } as unknown as NativeLibrary;
const refusal = expect.objectContaining({ name: 'MediaError', code: 'INTERNAL' });

function isGiven(memory: NativeMemory, offset: number, length: number): boolean {
  try {
    return memory.address(offset, length) === BASE + offset;
  } catch {
    return false;
  }
}

describe('NativeMemory', () => {
  const memory = new NativeMemory(arena, fake);

  it('gives addresses of all that is in the arena', () => {
    expect(memory.address(0, size)).toBe(BASE);
    expect(memory.address(size, 0)).toBe(BASE + size);
    expect(memory.address(1000, 10)).toBe(BASE + 1000);
  });

  it.each([-1, 0.5, Number.NaN, Infinity, -Infinity, size + 1, 2 ** 32, 2 ** 53, undefined, '8', null])('refuses the offset %s and the length %s', (value) => {
    const wrong = value as number;
    expect(() => memory.address(wrong, 1)).toThrow(refusal);
    expect(() => memory.address(0, wrong)).toThrow(refusal);
    expect(() => memory.writeAddress(wrong, 0, 1)).toThrow(refusal);
    expect(() => memory.writeAddress(0, wrong, 1)).toThrow(refusal);
  });

  it('gives no address of anything that reaches out of the arena', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.nat(2 * size)), fc.oneof(fc.double(), fc.nat(2 * size)), (offset, length) => {
        const isInside = Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0 && offset + length <= size;
        expect(isGiven(memory, offset, length)).toBe(isInside);
      }),
    );
  });

  it('writes an address as structures hold it, and only where they do', () => {
    const position = arena.allocate(8);
    memory.writeAddress(position, 64, 4);
    expect(arena.bytes.readBigUInt64LE(position)).toBe(BigInt(BASE + 64));
    expect(() => memory.writeAddress(position + 4, 64, 4)).toThrow(refusal);
    expect(() => memory.writeAddress(size - 4, 64, 4)).toThrow(refusal);
  });
});

describe('the native library', () => {
  /** Where it is promised; elsewhere the server does without. */
  const isPromised = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);

  it.runIf(isPromised)('is found in this build of Node', async () => {
    expect(await loadNativeLibrary()).toBeTypeOf('object');
  });

  it.runIf(isPromised)('gets no call with a wrong offset, and leaves the arena as it was', async () => {
    const library = (await loadNativeLibrary()) as NativeLibrary;
    const environment = createNativeEnvironment(library, arena);
    const cipher = new EvpCipher(environment, 'gcm', 'seal', Buffer.alloc(16));
    const before = Buffer.from(arena.bytes);

    for (const offset of [-16, Number.NaN, 0.5, size - 15, size, 2 ** 32]) {
      expect(() => cipher.start(offset === size - 15 ? size - 11 : offset)).toThrow(refusal);
      expect(() => cipher.authenticate(offset, 16)).toThrow(refusal);
      expect(() => cipher.crypt(offset, 65_536, 16)).toThrow(refusal);
      expect(() => cipher.crypt(65_536, offset, 16)).toThrow(refusal);
      expect(() => cipher.writeTag(offset)).toThrow(refusal);
    }
    expect(() => cipher.crypt(65_536, 131_072, -1)).toThrow(refusal);

    expect(before.equals(arena.bytes)).toBe(true);
    cipher.free();
  });
});
