import { SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBytes } from './address-bytes.ts';

describe('addressBytes', () => {
  it.each([
    ['192.0.2.1', 'c0000201'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['2001:db8::', '20010db8000000000000000000000000'],
    ['2001:db8:1234:5678:11:2233:4455:6677', '20010db8123456780011223344556677'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
  ])('gives the bytes of %s', (address, hex) => {
    expect(addressBytes(address).toString('hex')).toBe(hex);
  });

  it('reads every IPv6 address as Node writes it', () => {
    const sparse = fc.oneof(fc.constant(0), fc.nat(0xffff));
    fc.assert(
      fc.property(fc.array(sparse, { minLength: 8, maxLength: 8 }), (groups) => {
        const bytes = Buffer.alloc(16);
        for (const [index, group] of groups.entries()) bytes.writeUInt16BE(group, index * 2);
        const { address } = new SocketAddress({ family: 'ipv6', address: groups.map((group) => group.toString(16)).join(':') });
        expect(addressBytes(address)).toEqual(bytes);
      }),
    );
  });

  it('gives some bytes for any text', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      expect(addressBytes(text)).toBeInstanceOf(Buffer);
    }));
  });
});
