import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

test.each([
  ['prot', 'port'],
  ['Port', 'port'],
  ['hosts', 'host'],
  ['trustedProxy', 'trustedProxies'],
  ['zzz', undefined],
  ['', undefined],
])('%j means %j', (word, meant) => {
  expect(nearest(word, ['host', 'port', 'trustedProxies'])).toBe(meant);
});
