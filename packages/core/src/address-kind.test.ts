import { expect, it } from 'vitest';
import { isLoopbackAddress, isPrivateAddress } from './address-kind.ts';

it.each(['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '100.127.0.1', '169.254.1.1', 'fd00::1', 'fe80::1%eth0'])('%s is private', (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

it.each(['11.1.2.3', '172.15.0.1', '172.32.0.1', '192.169.1.1', '100.63.0.1', '100.128.0.1', '203.0.113.7', '2001:db8::1', 'fec0::1', 'f::1', '127.0.0.1', '::1'])('%s is not', (address) => {
  expect(isPrivateAddress(address)).toBe(false);
});

it.each([['127.0.0.1', true], ['127.9.9.9', true], ['::1', true], ['128.0.0.1', false], ['127.0.0.1.example', false], ['', false]])('%s: loopback is %s', (address, loopback) => {
  expect(isLoopbackAddress(address)).toBe(loopback);
});
