import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressRanges, includeWholeInternet, plainAddress } from './address-ranges.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['2001:DB8:0:0::7', '2001:db8::7'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:0:1:2', '::ffff:0:1:2'],
  ['192.0.2', undefined],
  ['unknown', undefined],
  ['', undefined],
])('%s is %s', (text, expected) => {
  expect(plainAddress(text)).toBe(expected);
});

test.each([
  ['10.0.0.0/8', '10.255.0.1', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.0.0.0/8', '::ffff:10.0.0.1', true],
  ['10.0.0.0/8', '::ffff:0a00:1', true],
  ['::ffff:10.0.0.0/104', '10.0.0.1', true],
  ['::ffff:10.0.0.0/104', '11.0.0.1', false],
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.2', false],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['2001:db8::/32', '2001:db8:1::1', true],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['::/0', '2001:db8::1', true],
  ['10.0.0.0/8', '', false],
  ['0.0.0.0/0', 'garbage', false],
])('of %s is %s: %s', (range, address, expected) => {
  expect(addressRanges('allow', [range])(address)).toBe(expected);
});

test.each([
  ['0.0.0.0/0', true],
  ['192.0.2.1/0', true],
  ['::/0', true],
  ['::ffff:0.0.0.0/96', true],
  ['10.0.0.0/8', false],
  ['::ffff:0.0.0.0/97', false],
  ['192.0.2.1', false],
])('%s is all of the internet: %s', (range, expected) => {
  expect(includeWholeInternet('allow', ['10.0.0.0/8', range])).toBe(expected);
});

test.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/x', '10.0.0.0/8/8', '::1/129', '::ffff:10.0.0.0/95', ''])('refuses the range "%s"', (range) => {
  const wrong = expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('allow takes') });
  expect(() => addressRanges('allow', [range])).toThrow(wrong);
});

test('an address stays what it is, however it is written', () => {
  fc.assert(fc.property(fc.ipV6(), fc.ipV4(), (six, four) => {
    for (const address of [six, four, `::ffff:${four}`]) {
      const plain = plainAddress(address) ?? '';
      expect(plainAddress(plain)).toBe(plain);
      expect(addressRanges('allow', [address])(plain)).toBe(true);
    }
  }));
});
