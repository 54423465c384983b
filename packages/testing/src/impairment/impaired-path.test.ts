import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { RemoteAddress } from '@sluice/core';
import { afterEach, expect, test, vi } from 'vitest';
import { type ImpairedPath, type ImpairedPathOptions, type PathImpairment, createImpairedPath } from './impaired-path.ts';

const DEADLINE = { timeout: 10_000, interval: 1 };

vi.setConfig({ testTimeout: 30_000 });

const sockets: Socket[] = [];
const paths: ImpairedPath[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await Promise.all(paths.splice(0).map((path) => path.close()));
});

/** A UDP socket that keeps what it receives, and answers as told. */
async function createPeer(answer?: (text: string) => string) {
  const socket = createSocket('udp4');
  sockets.push(socket);
  const received: string[] = [];
  const senders: RemoteAddress[] = [];
  socket.on('message', (bytes, sender) => {
    received.push(bytes.toString());
    senders.push(sender);
    if (answer) socket.send(answer(bytes.toString()), sender.port, sender.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const address = { address: '127.0.0.1', port: socket.address().port };
  return { received, senders, address, send: (text: string, to: RemoteAddress) => socket.send(text, to.port, to.address) };
}

async function openPath(options: ImpairedPathOptions): Promise<ImpairedPath> {
  const path = await createImpairedPath(options);
  paths.push(path);
  return path;
}

test('packets go both ways, from a port of its own for each client', async () => {
  const server = await createPeer((text) => `answer to ${text}`);
  const path = await openPath({ server: server.address });
  const clients = [await createPeer(), await createPeer()];
  for (const [index, client] of clients.entries()) client.send(`client ${index}`, path.address);
  await vi.waitUntil(() => clients.every(({ received }) => received.length > 0), DEADLINE);
  expect(clients.map(({ received }) => received)).toEqual([['answer to client 0'], ['answer to client 1']]);
  expect(new Set(server.senders.map(({ port }) => port)).size).toBe(2);
  expect(path.counters).toMatchObject({ toServer: { received: 2, forwarded: 2 }, toClient: { received: 2, forwarded: 2 }, refused: 0 });
});

test('it goes on from another port, and what is sent to the old one is lost', async () => {
  const server = await createPeer((text) => `answer to ${text}`);
  const path = await openPath({ server: server.address });
  const client = await createPeer();
  client.send('before', path.address);
  await vi.waitUntil(() => client.received.length === 1, DEADLINE);
  await path.changePorts();
  const [before] = server.senders;
  server.send('too late', before!);
  client.send('after', path.address);
  await vi.waitUntil(() => client.received.length === 2, DEADLINE);
  expect(client.received).toEqual(['answer to before', 'answer to after']);
  expect(server.senders[1]).not.toEqual(before);
});

/** What comes back of a hundred packets to a server that echoes. */
async function survivors(impairment: PathImpairment): Promise<readonly string[]> {
  const server = await createPeer((text) => text);
  const path = await openPath({ server: server.address, seed: 42, ...impairment });
  const client = await createPeer();
  for (let index = 0; index < 100; index++) {
    client.send(String(index), path.address);
    // One at a time, so that no buffer of the system decides anything.
    await vi.waitUntil(() => path.counters.toServer.received === index + 1, DEADLINE);
  }
  await vi.waitUntil(() => path.counters.toClient.received === path.counters.toServer.forwarded, DEADLINE);
  await vi.waitUntil(() => client.received.length === path.counters.toClient.forwarded, DEADLINE);
  expect(path.counters.toServer.lost + path.counters.toClient.lost).toBe(100 - client.received.length);
  return client.received;
}

test('the same seed loses the same packets, and others in the other direction', async () => {
  const onTheWayThere = await survivors({ toServer: { loss: 0.3 } });
  expect(onTheWayThere).not.toHaveLength(100);
  expect(await survivors({ toServer: { loss: 0.3 } })).toEqual(onTheWayThere);
  expect(await survivors({ toClient: { loss: 0.3 } })).not.toEqual(onTheWayThere);
});

test('may be cut and mended', async () => {
  const server = await createPeer();
  const path = await openPath({ server: server.address });
  const client = await createPeer();
  path.impair({ toServer: { loss: 1 } });
  client.send('lost', path.address);
  await vi.waitUntil(() => path.counters.toServer.lost === 1, DEADLINE);
  path.impair({ toServer: {} });
  client.send('arrives', path.address);
  await vi.waitUntil(() => server.received.length > 0, DEADLINE);
  expect(server.received).toEqual(['arrives']);
});

test('serves so many clients and no more', async () => {
  const server = await createPeer();
  const path = await openPath({ server: server.address, maxClients: 1 });
  const [first, second] = [await createPeer(), await createPeer()];
  first.send('first', path.address);
  await vi.waitUntil(() => server.received.length === 1, DEADLINE);
  second.send('second', path.address);
  await vi.waitUntil(() => path.counters.refused === 1, DEADLINE);
  first.send('first again', path.address);
  await vi.waitUntil(() => server.received.length === 2, DEADLINE);
  expect(server.received).toEqual(['first', 'first again']);
});

test('learns the server from its answer, and leads nowhere before', async () => {
  const server = await createPeer();
  const path = await openPath({});
  const client = await createPeer();
  client.send('too early', path.address);
  await vi.waitUntil(() => path.counters.refused === 1, DEADLINE);
  const { port } = server.address;
  const sdp = path.replaceCandidates(`v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\na=candidate:1 1 udp 1 127.0.0.1 ${port} typ host\r\n`);
  expect(sdp).toContain(`a=candidate:1 1 udp 1 127.0.0.1 ${path.address.port} typ host\r\n`);
  client.send('now', path.address);
  await vi.waitUntil(() => server.received.length > 0, DEADLINE);
  expect(server.received).toEqual(['now']);
  expect(() => path.replaceCandidates(`a=candidate:1 1 udp 1 127.0.0.1 ${port + 1} typ host`)).toThrow('open a path for each server');
});

test('closing frees the port, twice too', async () => {
  const path = await openPath({ server: { address: '127.0.0.1', port: 9 } });
  await Promise.all([path.close(), path.close()]);
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.bind(path.address.port, '127.0.0.1');
  await once(socket, 'listening');
  expect(socket.address().port).toBe(path.address.port);
});
