import { once } from 'node:events';
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openSession } from '@sluice/client';
import { expect, onTestFinished, test } from 'vitest';
import { type HttpClientOptions, createHttpClient } from './http-client.ts';

/** A server at an address of this machine that only it has. */
async function listen(address: string, answer: RequestListener) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.listen(0, address);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { requests, port, url: `http://${address}:${port}` };
}

function create(options: HttpClientOptions) {
  const client = createHttpClient(options);
  onTestFinished(() => client.close());
  return client;
}

const hello: RequestListener = (_request, response) => void response.end('hello');
const ANSWER = 'v=0\r\n';

test('an address inside is not asked when that is forbidden, neither by number nor by name', async () => {
  const { requests, port, url } = await listen('127.0.0.1', hello);
  const guarded = create({ privateAddresses: false });
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '[::127.0.0.1]']) {
    const failure: unknown = await guarded.fetch(`http://${host}:${port}/`).then(() => 'answered', (error: unknown) => error);
    expect(failure, host).toBeInstanceOf(Error);
  }
  expect(requests).toEqual([]);
  expect(await (await create({ privateAddresses: true }).fetch(url)).text()).toBe('hello');
});

/** 127.0.0.2 plays the internet. */
const isPublic = (address: string): boolean => address === '127.0.0.2';

test('a server outside leads nowhere inside, by a redirect, the address of its session, or another answer for its name', async () => {
  const inside = await listen('127.0.0.1', hello);
  const redirecting = await listen('127.0.0.2', (_request, response) => void response.writeHead(307, { location: `${inside.url}/admin` }).end());
  const naming = await listen('127.0.0.2', (_request, response) => void response.writeHead(201, { 'content-type': 'application/sdp', location: `${inside.url}/admin` }).end(ANSWER));
  for (const privateAddresses of [true, false]) {
    const open = (endpoint: string) => openSession('v=0\r\n', { endpoint, fetch: create({ privateAddresses, isPublic }).fetch });
    await expect(open(redirecting.url)).rejects.toMatchObject({ failure: 'network', message: expect.stringContaining('private or special') });
    const session = await open(naming.url);
    await expect(session.close()).rejects.toMatchObject({ failure: 'network' });
  }
  expect(inside.requests).toEqual([]);
});

test('not by way of a connection that was made before either', async () => {
  const inside = await listen('127.0.0.1', hello);
  const outside = await listen('127.0.0.2', hello);
  const client = create({ privateAddresses: true, isPublic });
  expect(await (await client.fetch(inside.url)).text()).toBe('hello');
  expect(await (await client.fetch(outside.url)).text()).toBe('hello');
  await expect(client.fetch(inside.url)).rejects.toThrow('fetch failed');
  expect(inside.requests).toHaveLength(1);
});

test('servers inside may lead to each other, and outside', async () => {
  const outside = await listen('127.0.0.2', (_request, response) => void response.writeHead(201, { 'content-type': 'application/sdp' }).end(ANSWER));
  const second = await listen('127.0.0.1', (_request, response) => void response.writeHead(307, { location: outside.url }).end());
  const first = await listen('127.0.0.1', (_request, response) => void response.writeHead(307, { location: second.url }).end());
  expect((await openSession('v=0\r\n', { endpoint: first.url, fetch: create({ privateAddresses: true, isPublic }).fetch })).answer).toBe(ANSWER);
});

test('only http and https are followed', async () => {
  const { url } = await listen('127.0.0.1', (_request, response) => void response.writeHead(307, { location: 'file:///etc/passwd' }).end());
  await expect(openSession('v=0\r\n', { endpoint: url, fetch: create({ privateAddresses: true }).fetch })).rejects.toMatchObject({ failure: 'redirect' });
});
