import { expect, test } from 'vitest';
import { isLoopback } from './exposure.ts';

test.each(['127.0.0.1', '127.8.8.8', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', 'localhost', 'sluice.localhost'])('%s is loopback', (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(['0.0.0.0', '::', '192.168.1.2', 'fe80::1', 'example.org', 'localhost.example.org', ''])('%j is reachable from elsewhere', (host) => {
  expect(isLoopback(host)).toBe(false);
});
