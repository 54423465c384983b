import { expect, test } from 'vitest';
import { iceServerLinks } from './ice-servers.ts';

test('no servers, no header', () => {
  expect(iceServerLinks([])).toBeUndefined();
});

test.each([
  { urls: 'https://example.net' },
  { urls: 'stun:a>; rel="x"' },
  { urls: 'stun:two words' },
  { urls: ['stun:fine.example', ''] },
  { urls: 'turn:example.net', username: 'line\r\nbreak', credential: 'x' },
  { urls: 'turn:example.net', username: 'ü', credential: 'x' },
])('%o is refused', (server) => {
  expect(() => iceServerLinks([server])).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
