import { describe, expect, it } from 'vitest';
import { PacketArena } from '../outbound/packet-arena.ts';
import { createNativeEnvironment } from './native-environment.ts';
import type { NativeLibrary } from './native-functions.ts';
import { SocketAddresses } from './socket-addresses.ts';

const arena = new PacketArena({ bytes: 256 * 1024 });
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no function of it is called
const library = { functions: {}, errno: () => 0, baseAddress: () => 0 } as unknown as NativeLibrary;

describe('SocketAddresses', () => {
  const addresses = new SocketAddresses(createNativeEnvironment(library, arena));

  function bytesOf(address: string, port: number): string {
    const { offset, bytes } = addresses.add(address, port);
    return arena.bytes.toString('hex', offset, offset + bytes);
  }

  it.each([
    ['192.0.2.1', 0x1234, '0200 1234 c0000201 0000000000000000'],
    ['2001:db8::5', 80, '0a00 0050 00000000 20010db8000000000000000000000005 00000000'],
    ['::ffff:192.0.2.1', 65_535, '0a00 ffff 00000000 00000000000000000000ffffc0000201 00000000'],
  ])('writes %s as the system has it', (address, port, expected) => {
    expect(bytesOf(address, port)).toBe(expected.replaceAll(' ', ''));
  });

  it('uses what was freed again, and leaves nothing of the address before', () => {
    const old = addresses.add('2001:db8::ffff:ffff', 9);
    addresses.remove(old);
    const { offset } = addresses.add('192.0.2.1', 9);
    expect(offset).toBe(old.offset);
    expect(arena.bytes.toString('hex', offset, offset + 28)).toBe(`02000009c0000201${'00'.repeat(20)}`);
  });
});
