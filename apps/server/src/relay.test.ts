import { once } from 'node:events';
import { type ServerConfig, parseConfig } from '@sluice/config';
import { silentLogger } from '@sluice/core';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket as Client } from 'ws';
import type { RunningServer } from './running-server.ts';
import { startServer } from './server.ts';

const DEADLINE = { timeout: 20_000, interval: 20 };

function configOf(relay: object, http: object = {}): ServerConfig {
  return parseConfig({ http: { port: 0, ...http }, rtc: { port: 0 }, demo: false, relay: { enabled: true, ...relay } });
}

async function start(relay: object = {}): Promise<RunningServer> {
  const server = await startServer(configOf(relay), { logger: silentLogger });
  onTestFinished(() => server.close());
  return server;
}

/** A client with what it has received. */
interface Peer {
  readonly socket: Client;
  readonly received: unknown[];
  send(message: unknown): void;
}

async function connect({ httpPort }: RunningServer, { query = '', autoPong = true, headers = {} } = {}): Promise<Peer> {
  const socket = new Client(`ws://127.0.0.1:${httpPort}/relay${query}`, { autoPong, headers });
  const received: unknown[] = [];
  socket.addEventListener('message', ({ data }) => received.push(JSON.parse(data as string)));
  socket.on('error', () => undefined);
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  return { socket, received, send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)) };
}

async function register(server: RunningServer, id: string, options: { query?: string; autoPong?: boolean } = {}): Promise<Peer> {
  const peer = await connect(server, options);
  peer.send({ type: 'register', client_id: id });
  await vi.waitFor(() => expect(peer.received).toEqual([{ type: 'registered', client_id: id }]), DEADLINE);
  peer.received.length = 0;
  return peer;
}

async function receives(peer: Peer, ...messages: unknown[]): Promise<void> {
  await vi.waitFor(() => expect(peer.received).toEqual(messages), DEADLINE);
}

test('offers, answers and whatever else go to their target or to all others, with their sender', async () => {
  const server = await start();
  const [a, b, c] = [await register(server, 'a'), await register(server, 'b'), await register(server, 'c')];
  a.send({ type: 'offer', target_id: 'b', from: 'somebody else', sdp: 'v=0', extra: { n: [1, null] } });
  await receives(b, { type: 'offer', from: 'a', sdp: 'v=0', extra: { n: [1, null] } });
  b.send({ type: 'strange', target_id: '' });
  await receives(a, { type: 'strange', from: 'b' });
  await receives(c, { type: 'strange', from: 'b' });
  c.send({ type: 'list_clients' });
  await vi.waitFor(() => expect(c.received.at(-1)).toEqual({ type: 'clients', clients: ['a', 'b', 'c'] }), DEADLINE);
  expect(b.received).toHaveLength(1);
});

test('what cannot be relayed is answered, and the connection goes on', async () => {
  const server = await start();
  const peer = await connect(server);
  const deep = `{"type":"x","target_id":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
  for (const message of ['{"type":', '[]', '[{"type":"register"}]', 'null', { type: 'offer' }, { type: 'register' }, { type: 'register', client_id: 'a\n' }, { type: 'register', client_id: 'a' }, { type: 'x', target_id: 'nobody' }, deep]) peer.send(message);
  const codes = ['bad_message', 'bad_message', 'bad_message', 'bad_message', 'not_registered', 'bad_client_id', 'bad_client_id', undefined, 'unknown_target', 'unknown_target'];
  await vi.waitFor(() => expect(peer.received.map((message) => (message as { code?: string }).code)).toEqual(codes), DEADLINE);
});

test('an id stays with a client that is alive, and goes from one that answers no ping', async () => {
  const server = await start({ probeTimeoutMs: 200 });
  await register(server, 'alive');
  const dead = await register(server, 'dead', { autoPong: false });
  const next = await connect(server);
  next.send({ type: 'register', client_id: 'alive' });
  await receives(next, expect.objectContaining({ type: 'error', code: 'duplicate_client_id' }));
  next.send({ type: 'register', client_id: 'dead' });
  await vi.waitFor(() => expect(next.received.at(-1)).toEqual({ type: 'registered', client_id: 'dead' }), DEADLINE);
  if (dead.socket.readyState !== dead.socket.CLOSED) await once(dead.socket, 'close');
  const sender = await register(server, 'sender');
  sender.send({ type: 'x', target_id: 'dead' });
  await vi.waitFor(() => expect(next.received.at(-1)).toEqual({ type: 'x', from: 'sender' }), DEADLINE);
});

test('every registration is answered, also while that before it waits for the one who has the id', async () => {
  const server = await start({ probeTimeoutMs: 200 });
  await register(server, 'dead', { autoPong: false });
  const next = await connect(server);
  for (const id of ['dead', 'dead', 'other']) next.send({ type: 'register', client_id: id });
  const busy = expect.objectContaining({ type: 'error', code: 'already_registered' });
  await receives(next, busy, busy, { type: 'registered', client_id: 'dead' });
});

test('with a token only those who bring it get in', async () => {
  const server = await start({ token: 'open sesame' });
  await register(server, 'a', { query: '?token=open%20sesame' });
  const wrong = await connect(server, { query: '?token=wrong' });
  const closed = once(wrong.socket, 'close');
  wrong.send({ type: 'register', client_id: 'b' });
  expect((await closed)[0]).toBe(1008);
  expect(wrong.received).toEqual([expect.objectContaining({ code: 'token_incorrect' })]);
});

test("the runtime's own WebSocket gets through as well", async () => {
  const server = await start();
  const other = await register(server, 'other');
  const socket = new WebSocket(`ws://127.0.0.1:${server.httpPort}/relay`);
  onTestFinished(() => socket.close());
  socket.addEventListener('open', () => {
    socket.send('{"type":"register","client_id":"me"}');
    socket.send('{"type":"candidate","candidate":"…"}');
  });
  await vi.waitFor(() => expect(other.received).toEqual([{ type: 'candidate', candidate: '…', from: 'me' }]), DEADLINE);
});

test('without being enabled there is no relay', async () => {
  const server = await start({ enabled: false });
  const client = new Client(`ws://127.0.0.1:${server.httpPort}/relay`).on('error', () => undefined);
  const [, response] = await once(client, 'unexpected-response');
  response.destroy();
  expect(response.statusCode).toBe(404);
});

test('a port of its own serves every path, and clients of both places meet', async () => {
  const spare = await start();
  await spare.close();
  const server = await start({ port: spare.httpPort });
  const other = await register(server, 'other');
  const own = new Client(`ws://127.0.0.1:${spare.httpPort}/any/path`);
  onTestFinished(() => own.terminate());
  await once(own, 'open');
  own.send('{"type":"register","client_id":"own"}');
  own.send('{"type":"hello"}');
  await receives(other, { type: 'hello', from: 'own' });
  const closed = once(own, 'close');
  await server.close();
  expect((await closed)[0]).toBe(1001);
});

test('2,000 idle clients cost little memory each', async () => {
  const server = await start();
  const before = process.memoryUsage().rss;
  const clients = await Promise.all(Array.from({ length: 2_000 }, () => connect(server)));
  expect(clients).toHaveLength(2_000);
  // Both ends of each connection are in this process.
  expect((process.memoryUsage().rss - before) / 2_000).toBeLessThan(100_000);
  for (const { socket } of clients) socket.terminate();
}, 60_000);

test('no messages hurt those who did not send them', async () => {
  const server = await start({ maxMessagesPerSecond: 100_000 });
  const [good, other] = [await register(server, 'good'), await register(server, 'other')];
  const bad = await connect(server);
  const message = fc.oneof(fc.json(), fc.string(), fc.record({ type: fc.constantFrom('register', 'offer', 'list_clients'), client_id: fc.jsonValue(), token: fc.jsonValue() }));
  fc.assert(fc.property(message, (sent) => bad.send(sent)), { numRuns: 300 });
  bad.socket.ping();
  await once(bad.socket, 'pong');
  expect(bad.received.length).toBeGreaterThan(100);
  good.send({ type: 'still', target_id: 'other' });
  await vi.waitFor(() => expect(other.received.at(-1)).toEqual({ type: 'still', from: 'good' }), DEADLINE);
}, 60_000);

test('an exchange that is typed by hand comes out as it always did', async () => {
  const server = await start();
  const [a, b] = [await connect(server), await connect(server)];
  const lines: string[] = [];
  a.socket.addEventListener('message', ({ data }) => lines.push(`a < ${data as string}`));
  b.socket.addEventListener('message', ({ data }) => lines.push(`b < ${data as string}`));
  const type = async (peer: Peer, line: string, ...answers: string[]) => {
    const before = lines.length;
    peer.send(line);
    await vi.waitFor(() => expect(lines.slice(before)).toEqual(answers), DEADLINE);
  };
  await type(a, '{"type":"register","client_id":"a"}', 'a < {"type":"registered","client_id":"a"}');
  await type(b, '{"type":"register","client_id":"b"}', 'b < {"type":"registered","client_id":"b"}');
  await type(a, '{"type":"offer","target_id":"b","sdp":"v=0"}', 'b < {"type":"offer","sdp":"v=0","from":"a"}');
  await type(b, '{"type":"answer","target_id":"a","sdp":"v=0"}', 'a < {"type":"answer","sdp":"v=0","from":"b"}');
  await type(a, '{"type":"candidate","target_id":"b","candidate":{"sdpMLineIndex":0}}', 'b < {"type":"candidate","candidate":{"sdpMLineIndex":0},"from":"a"}');
  await type(b, '{"hello":1}', 'a < {"hello":1,"from":"b"}');
});

async function statusOf({ httpPort }: RunningServer, headers: Record<string, string>): Promise<number | undefined> {
  const client = new Client(`ws://127.0.0.1:${httpPort}/relay`, { headers }).on('error', () => undefined);
  onTestFinished(() => client.terminate());
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  client.once('open', () => resolve(101)).once('unexpected-response', (_request, { statusCode }) => resolve(statusCode));
  return promise;
}

test('token, origins and limits count for who comes after a change, and those who are there stay', async () => {
  const server = await start();
  const [a, b] = [await register(server, 'a'), await register(server, 'b')];
  const { needsRestart } = await server.reconfigure(configOf({ token: 'open sesame', origins: ['https://good.example'], maxMessageBytes: 100, maxConnections: 3, port: 1 }));
  expect(needsRestart).toEqual(['relay.port']);
  expect(await statusOf(server, { origin: 'https://bad.example' })).toBe(403);
  const c = await connect(server, { headers: { origin: 'https://good.example' } });
  c.send({ type: 'register', client_id: 'c' });
  await receives(c, expect.objectContaining({ code: 'token_incorrect' }));
  if (c.socket.readyState !== c.socket.CLOSED) await once(c.socket, 'close');
  const d = await register(server, 'd', { query: '?token=open%20sesame' });
  expect(await statusOf(server, {})).toBe(503);
  const closed = once(d.socket, 'close');
  d.send({ text: 'x'.repeat(100) });
  expect((await closed)[0]).toBe(1009);
  a.send({ target_id: 'b', text: 'x'.repeat(100) });
  await receives(b, { text: 'x'.repeat(100), from: 'a' });
});

test('a proxy that is trusted from now on says who its clients are', async () => {
  const server = await start({ maxConnectionsPerAddress: 1 });
  const [first, second] = [{ 'x-forwarded-for': '192.0.2.1' }, { 'x-forwarded-for': '192.0.2.2' }];
  expect(await statusOf(server, first)).toBe(101);
  expect(await statusOf(server, second)).toBe(429);
  await server.reconfigure(configOf({ maxConnectionsPerAddress: 1 }, { trustedProxies: ['127.0.0.1'] }));
  expect(await statusOf(server, second)).toBe(101);
  expect(await statusOf(server, second)).toBe(429);
});

test.each([
  ['bytes', 1003, (peer: Peer) => peer.socket.send(Buffer.of(1))],
  ['64 KiB and one byte', 1009, (peer: Peer) => peer.send(`{"text":"${'x'.repeat(65_526)}"}`)],
  ['1,000 messages in a second', 1008, (peer: Peer) => Array.from({ length: 1_000 }, () => peer.send({ type: 'x' }))],
])('a client that sends %s is closed with %i, and others go on', async (_what, code, misbehave) => {
  const server = await start();
  const [a, b, bad] = [await register(server, 'a'), await register(server, 'b'), await register(server, 'bad')];
  const closed = once(bad.socket, 'close');
  misbehave(bad);
  expect((await closed)[0]).toBe(code);
  a.received.length = 0;
  b.send({ type: 'still', target_id: 'a' });
  await receives(a, { type: 'still', from: 'b' });
  // Its id is free again.
  await register(server, 'bad');
});

test('for a client that does not read a bounded number of bytes waits, and senders are told', async () => {
  const server = await start({ maxQueuedBytes: 100_000, maxMessagesPerSecond: 100_000 });
  const [deaf, sender, other] = [await register(server, 'deaf'), await register(server, 'sender'), await register(server, 'other')];
  deaf.socket.pause();
  const text = 'x'.repeat(50_000);
  while (sender.received.length === 0) {
    sender.send({ target_id: 'deaf', text });
    sender.socket.ping();
    await once(sender.socket, 'pong');
  }
  expect(sender.received[0]).toMatchObject({ type: 'error', code: 'target_busy', target_id: 'deaf' });
  sender.send({ target_id: 'other', text });
  await receives(other, { text, from: 'sender' });
});
