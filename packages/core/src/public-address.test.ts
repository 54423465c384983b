import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPublicAddress } from './public-address.ts';

test.each([
  '0.0.0.0', '0.1.2.3', '10.1.2.3', '100.64.0.1', '100.127.255.255', '127.0.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.8', '192.0.2.1', '192.88.99.1', '192.168.0.1', '198.18.0.1',
  '198.19.255.255', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255',
  '::', '::1', '::10.0.0.1', '::8.8.8.8', '::ffff:10.0.0.1', '::ffff:0a00:1', '::ffff:0:10.0.0.1', '64:ff9b::10.0.0.1', '64:ff9b:1::1', '100::1', '100:0:0:1::1', '2001::1', '2001:2::1', '2001:20::1', '2001:db8::1', '2002:a00:1::', '3fff::1',
  '5f00::1', 'fc00::1', 'fd00::1', 'fe80::1', 'fe80::1%eth0', 'febf::1', 'fec0::1', 'feff::1', 'ff02::1',
  'localhost', '', '10.0.0.1/8', '[::1]', '1.1.1',
])('%s is no address of a host on the internet', (text) => expect(isPublicAddress(text)).toBe(false));

test.each(['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.1', '172.15.0.1', '172.32.0.1', '192.0.1.1', '198.17.0.1', '198.20.0.1', '223.255.255.255', '::ffff:8.8.8.8', '2001:200::1', '2001:4860:4860::8888', '2606:4700::1111', '2a00:1450::1'])(
  '%s is one',
  (text) => expect(isPublicAddress(text)).toBe(true),
);

test('an IPv4-mapped address is what the IPv4 address is', () => {
  fc.assert(fc.property(fc.ipV4(), (address) => isPublicAddress(`::ffff:${address}`) === isPublicAddress(address)));
});
