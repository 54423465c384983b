import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { type WebSocketConnection, type WebSocketEndpoint, webSocketEndpoints } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createWebSockets } from './server.ts';

/** Serves one endpoint at `/ws` of a free port; it sends back what it gets. */
async function serve(endpoint: Partial<WebSocketEndpoint> = {}) {
  const open: WebSocketConnection[] = [];
  const echo: WebSocketEndpoint = {
    path: '/ws',
    open(connection) {
      open.push(connection);
      connection.onMessage((text) => connection.send(text));
    },
    ...endpoint,
  };
  const clock = new FakeClock();
  const contributions = ((point: unknown) => (point === webSocketEndpoints ? [{ plugin: 'test', value: echo }] : [])) as never;
  const manager = { contributions, phase: 'ready' as 'ready' | 'draining' };
  const webSockets = createWebSockets(manager, { clock });
  const http = createServer().on('upgrade', (...request) => webSockets.upgrade(...request));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as { port: number };
  const url = `ws://127.0.0.1:${port}/ws`;
  return { url, port, open, clock, manager, webSockets, [Symbol.asyncDispose]: async () => void http.close() };
}

async function connected(url: string, headers: Record<string, string> = {}): Promise<WebSocket> {
  const client = new WebSocket(url, { headers });
  await once(client, 'open');
  return client;
}

async function refusalOf(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  const client = new WebSocket(url, { headers });
  client.on('error', () => undefined);
  const [, response] = await once(client, 'unexpected-response');
  response.destroy();
  return response.statusCode;
}

async function closeCode(client: WebSocket): Promise<number> {
  const [code] = await once(client, 'close');
  return code;
}

test('a client exchanges text and brings query and credentials', async () => {
  await using server = await serve();
  const client = await connected(`${server.url}?token=secret&a=1`);
  client.send('hello');
  expect(String((await once(client, 'message'))[0])).toBe('hello');
  expect(server.open[0]!.credentials).toEqual({ token: 'secret' });
  expect(server.open[0]!.query.get('a')).toBe('1');
  expect(server.open[0]!.remote?.address).toBe('127.0.0.1');
  client.terminate();
});

test.each([
  ['bytes', 1003, (client: WebSocket) => client.send(Buffer.of(1))],
  ['64 KiB and one byte', 1009, (client: WebSocket) => client.send('x'.repeat(65_537))],
  ['more pings a second than it may', 1008, (client: WebSocket) => Array.from({ length: 1_000 }, () => client.ping())],
  ['more messages a second than it may', 1008, (client: WebSocket) => Array.from({ length: 1_000 }, () => client.send('x'))],
])('a client that sends %s is closed with %i, and others are not', async (_what, code, misbehave) => {
  await using server = await serve();
  const [good, bad] = [await connected(server.url), await connected(server.url)];
  const told = new Promise((resolve) => {
    server.open[1]?.onClose(resolve);
  });
  misbehave(bad);
  expect(await closeCode(bad)).toBe(code);
  expect(await told).toBe(code);
  good.send('still here');
  expect(String((await once(good, 'message'))[0])).toBe('still here');
  good.terminate();
});

test('too many clients, other paths and pages of other origins are refused and told why', async () => {
  const refused: number[] = [];
  await using server = await serve({ limits: { maxConnections: 2, maxConnectionsPerAddress: 1 }, origins: ['https://good.example'], refused: (status) => refused.push(status) });
  expect(await refusalOf(server.url, { origin: 'https://bad.example' })).toBe(403);
  const client = await connected(server.url, { origin: 'https://good.example' });
  expect(await refusalOf(server.url)).toBe(429);
  expect(await refusalOf(`${server.url}/other`)).toBe(404);
  expect(refused).toEqual([403, 429]);
  client.terminate();
});

test('a socket that answers no ping is cut', async () => {
  await using server = await serve();
  const client = new WebSocket(server.url, { autoPong: false });
  await once(client, 'open');
  const gone = closeCode(client);
  const pinged = once(client, 'ping');
  await server.clock.advance(30_000);
  await pinged;
  await server.clock.advance(30_000);
  expect(await gone).toBe(1006);
});

test('a client that does not read has a bounded queue', async () => {
  await using server = await serve({ limits: { maxQueuedBytes: 100_000 } });
  const client = await connected(server.url);
  client.pause();
  const sent = Array.from({ length: 1_000 }, () => server.open[0]!.send('x'.repeat(50_000)));
  expect(sent.at(-1)).toBe(false);
  client.terminate();
});

test('a ping is answered with what it holds, as long as the answers are read', async () => {
  await using server = await serve({ limits: { maxQueuedBytes: 4 } });
  const client = await connected(server.url);
  client.ping('more than four');
  client.ping('four');
  expect(String((await once(client, 'pong'))[0])).toBe('four');
  client.terminate();
});

test('a client is pinged once for all who ask meanwhile whether it lives', async () => {
  await using server = await serve();
  const client = await connected(server.url);
  let pings = 0;
  client.on('ping', () => (pings += 1));
  const probe = () => server.open[0]!.probe(1_000);
  expect(await Promise.all(Array.from({ length: 100 }, probe))).not.toContain(false);
  expect(await probe()).toBe(true);
  expect(pings).toBe(2);
  client.terminate();
});

test('closing tells every client that the server goes away', async () => {
  await using server = await serve();
  const client = await connected(server.url);
  const code = closeCode(client);
  await server.webSockets.close();
  expect(await code).toBe(1001);
  expect(await refusalOf(server.url)).toBe(503);
});

test('a server that drains takes nobody new, and those who are there stay', async () => {
  await using server = await serve();
  const client = await connected(server.url);
  server.manager.phase = 'draining';
  expect(await refusalOf(server.url)).toBe(503);
  client.send('still here');
  expect(String((await once(client, 'message'))[0])).toBe('still here');
  client.terminate();
});

test('no bytes behind the handshake hurt the others', async () => {
  await using server = await serve();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      const socket = connect(server.port, '127.0.0.1').on('error', () => undefined);
      socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n');
      socket.write(bytes);
      await once(socket, 'data');
      socket.destroy();
    }),
    { numRuns: 50 },
  );
  const client = await connected(server.url);
  client.send('ok');
  expect(String((await once(client, 'message'))[0])).toBe('ok');
  client.terminate();
});
