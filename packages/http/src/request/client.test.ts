import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { type Client, createClientReader } from './client.ts';

/** What is read of a request that comes over a connection from `address`. */
async function read(address: string, headers: Record<string, string>, trustProxy: readonly string[] = ['10.0.0.0/8', '::1']) {
  const clientOf = createClientReader({ trustProxy, clientAddress: () => ({ address, port: 4711 }) });
  let client: Client | undefined;
  const app = new Hono().get('/', (c) => {
    client = clientOf(c);
    return c.body(null);
  });
  await app.request('http://direct.example:8080/', { headers });
  return { address: client?.remote?.address, port: client?.remote?.port, origin: client?.origin.origin };
}

const FORWARDED = {
  'x-forwarded-for': '203.0.113.9, 198.51.100.1, 10.1.1.1',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'media.example',
};

describe('the client', () => {
  test('is the socket when nobody is trusted', async () => {
    expect(await read('10.0.0.1', FORWARDED, [])).toEqual({ address: '10.0.0.1', port: 4711, origin: 'http://direct.example:8080' });
  });

  test('is the socket when it is no trusted proxy', async () => {
    expect(await read('192.0.2.1', FORWARDED)).toEqual({ address: '192.0.2.1', port: 4711, origin: 'http://direct.example:8080' });
  });

  test.each(['10.0.0.1', '::ffff:10.0.0.1', '::1'])('behind %s is the last address that is no proxy', async (proxy) => {
    expect(await read(proxy, FORWARDED)).toEqual({ address: '198.51.100.1', port: 0, origin: 'https://media.example' });
  });

  test.each([
    { header: '', address: '10.0.0.1' },
    { header: 'unknown', address: '10.0.0.1' },
    { header: '203.0.113.9, garbage, 10.1.1.1', address: '10.1.1.1' },
    { header: '10.2.2.2, 10.1.1.1', address: '10.2.2.2' },
    { header: '2001:db8::7', address: '2001:db8::7' },
    { header: '::ffff:203.0.113.9', address: '203.0.113.9' },
    { header: '::FFFF:cb00:7109', address: '203.0.113.9' },
    { header: '203.0.113.9:4711', address: '203.0.113.9', port: 4711 },
    { header: '[2001:DB8:0::7]:443', address: '2001:db8::7', port: 443 },
    { header: '[2001:db8::7]', address: '2001:db8::7' },
    { header: '198.51.100.1, 203.0.113.9:4711, 10.1.1.1:80', address: '203.0.113.9', port: 4711 },
    { header: '203.0.113.9:x', address: '10.0.0.1', port: 4711 },
  ])('behind a proxy that forwards for "$header" is $address', async ({ header, ...client }) => {
    expect(await read('10.0.0.1', { 'x-forwarded-for': header })).toMatchObject(client);
  });

  test.each([
    { 'x-forwarded-proto': 'javascript' },
    { 'x-forwarded-host': 'no host at all' },
    { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a b' },
  ] as readonly Record<string, string>[])('keeps the origin of the request when the headers are wrong: %o', async (headers) => {
    expect(await read('10.0.0.1', headers)).toMatchObject({ origin: 'http://direct.example:8080' });
  });

  test('asked for the first of several hosts and schemes', async () => {
    const headers = { 'x-forwarded-proto': 'https, http', 'x-forwarded-host': 'media.example:8443, inner.example' };
    expect(await read('10.0.0.1', headers)).toMatchObject({ origin: 'https://media.example:8443' });
  });
});

test.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/x', '::1/129', ''])('trustProxy refuses "%s"', (range) => {
  expect(() => createClientReader({ trustProxy: [range], clientAddress: () => undefined })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID' }),
  );
});
