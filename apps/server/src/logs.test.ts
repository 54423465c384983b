import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { type ServerConfig, parseConfig } from '@sluice/config';
import { silentLogger } from '@sluice/core';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket as Client } from 'ws';
import type { RunningServer } from './running-server.ts';
import { startServer } from './server.ts';

// Real connections on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const DEADLINE = { timeout: 20_000, interval: 20 };

type Message = Readonly<Record<string, unknown>>;

function configOf(logs: object): ServerConfig {
  return parseConfig({ http: { port: 0 }, rtc: { port: 0 }, demo: false, logs });
}

async function start(logs: object = {}): Promise<RunningServer> {
  const server = await startServer(configOf(logs), { logger: silentLogger });
  onTestFinished(() => server.close());
  return server;
}

/** A client with what it has received. */
interface Peer {
  readonly socket: Client;
  readonly received: Message[];
  send(message: unknown): void;
}

async function connect({ httpPort }: RunningServer, { query = '', autoPong = true } = {}): Promise<Peer> {
  const socket = new Client(`ws://127.0.0.1:${httpPort}/signaling${query}`, { autoPong });
  const received: Message[] = [];
  socket.addEventListener('message', ({ data }) => received.push(JSON.parse(data as string)));
  socket.on('error', () => undefined);
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  return { socket, received, send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)) };
}

async function register(server: RunningServer, role: 'producer' | 'consumer', id: string, { autoPong = true, ...more }: { autoPong?: boolean; metadata?: object; subscribe?: string[] } = {}): Promise<Peer> {
  const peer = await connect(server, { autoPong });
  peer.send({ type: 'register', role, client_id: id, ...more });
  // A consumer is told right behind it who is there.
  await vi.waitFor(() => expect(peer.received.length).toBeGreaterThanOrEqual(role === 'producer' ? 1 : 2), DEADLINE);
  expect(peer.received[0]).toMatchObject({ type: 'registered', role, client_id: id });
  return peer;
}

/** Waits for a message, which may be there already. */
async function receives(peer: Peer, message: Message): Promise<void> {
  await vi.waitFor(() => expect(peer.received).toContainEqual(message), DEADLINE);
}

/** Waits until the server has handled everything that this client sent. */
async function handled({ socket }: Peer): Promise<void> {
  socket.ping();
  await once(socket, 'pong');
}

function codes(peer: Peer): unknown[] {
  return peer.received.flatMap(({ type, code }) => (type === 'error' ? [code] : []));
}

function consumersOf(peer: Peer): unknown[] {
  return peer.received.flatMap(({ type, consumer_id: id }) => (type === 'consumer_connected' ? [`+${String(id)}`] : type === 'consumer_disconnected' ? [`-${String(id)}`] : []));
}

test('producers and consumers learn of each other, whoever comes first', async () => {
  const server = await start();
  const early = await register(server, 'consumer', 'early');
  expect(early.received[1]).toEqual({ type: 'producer_list', producers: [] });
  const metadata = { system_name: 'shop', version: '1.2', description: 'the shop' };
  const producer = await register(server, 'producer', 'p', { metadata });
  await receives(producer, { type: 'consumer_connected', consumer_id: 'early' });
  await receives(early, { type: 'producer_connected', producer_id: 'p', system_name: 'shop', metadata });
  const late = await register(server, 'consumer', 'late');
  expect(late.received[1]).toEqual({ type: 'producer_list', producers: [{ producer_id: 'p', system_name: 'shop', metadata }] });
  await receives(producer, { type: 'consumer_connected', consumer_id: 'late' });
  early.socket.close();
  await receives(producer, { type: 'consumer_disconnected', consumer_id: 'early' });
  producer.socket.terminate();
  await receives(late, { type: 'producer_disconnected', producer_id: 'p' });
});

test('offers, answers and candidates arrive as they were sent, with their sender', async () => {
  const server = await start();
  const [one, two] = [await register(server, 'consumer', 'one'), await register(server, 'consumer', 'two')];
  const producer = await register(server, 'producer', 'p');
  producer.send('{"type":"webrtc_offer","to":"one","sdp":"v=0\\r\\n","n":12345678901234567890,"from":"somebody else"}');
  await vi.waitFor(() => expect(one.received.at(-1)).toEqual({ type: 'webrtc_offer', to: 'one', sdp: 'v=0\r\n', n: Number('12345678901234567890'), from: 'p' }), DEADLINE);
  one.send({ type: 'webrtc_answer', to: 'p', sdp: 'v=0' });
  await receives(producer, { type: 'webrtc_answer', to: 'p', sdp: 'v=0', from: 'one' });
  one.send({ type: 'ice_candidate', to: 'p', candidate: 'candidate:1', sdpMLineIndex: 0, sdpMid: null });
  await receives(producer, { type: 'ice_candidate', to: 'p', candidate: 'candidate:1', sdpMLineIndex: 0, sdpMid: null, from: 'one' });
  one.send({ type: 'set_level', to: 'p', level: 'WARN' });
  await receives(producer, { type: 'set_level', to: 'p', level: 'WARN', from: 'one' });
  expect(two.received.map(({ type }) => type)).toEqual(['registered', 'producer_list', 'producer_connected']);
});

test('every one of many producers meets every one of many consumers', async () => {
  const server = await start();
  const names = Array.from({ length: 20 }, (_, index) => index);
  const consumers = await Promise.all(names.map((index) => register(server, 'consumer', `c${index}`)));
  const producers = await Promise.all(names.map((index) => register(server, 'producer', `p${index}`)));
  for (const producer of producers) await vi.waitFor(() => expect(new Set(consumersOf(producer))).toEqual(new Set(names.map((index) => `+c${index}`))), DEADLINE);
  for (const producer of producers) for (const index of names) producer.send({ type: 'webrtc_offer', to: `c${index}`, sdp: 'x' });
  for (const consumer of consumers) {
    const senders = (): unknown[] => consumer.received.flatMap(({ type, from }) => (type === 'webrtc_offer' ? [from] : []));
    await vi.waitFor(() => expect(new Set(senders())).toEqual(new Set(names.map((index) => `p${index}`))), DEADLINE);
  }
});

test('a consumer may take some producers only, and change its mind', async () => {
  const server = await start();
  const consumer = await register(server, 'consumer', 'c', { subscribe: ['b', 'to come'] });
  expect(consumer.received[0]).toMatchObject({ all: false, producers: ['b', 'to come'] });
  const [a, b] = [await register(server, 'producer', 'a'), await register(server, 'producer', 'b')];
  await receives(b, { type: 'consumer_connected', consumer_id: 'c' });
  a.send({ type: 'webrtc_offer', to: 'c', sdp: 'x' });
  consumer.send({ type: 'webrtc_answer', to: 'a', sdp: 'x' });
  await vi.waitFor(() => expect([...codes(a), ...codes(consumer)]).toEqual(['not_paired', 'not_paired']), DEADLINE);
  consumer.send({ type: 'subscribe', producers: ['a'] });
  await receives(consumer, { type: 'subscribed', all: false, producers: ['b', 'to come', 'a'] });
  consumer.send({ type: 'unsubscribe', producers: ['b'] });
  consumer.send({ type: 'unsubscribe' });
  consumer.send({ type: 'subscribe' });
  consumer.send({ type: 'unsubscribe', producers: ['a'] });
  await receives(consumer, { type: 'subscribed', all: true, except: ['a'] });
  await handled(a);
  expect(consumersOf(a)).toEqual(['+c', '-c', '+c', '-c']);
  expect(consumersOf(b)).toEqual(['+c', '-c', '+c']);
  const later = await register(server, 'producer', 'later');
  await receives(later, { type: 'consumer_connected', consumer_id: 'c' });
});

test('rooms know nothing of each other, and an id may be in each', async () => {
  const server = await start();
  const here = { metadata: { room: 'here' } };
  const [p, c] = [await register(server, 'producer', 'p', here), await register(server, 'consumer', 'c', here)];
  const [otherP, otherC] = [await register(server, 'producer', 'p'), await register(server, 'consumer', 'c')];
  await receives(otherP, { type: 'consumer_connected', consumer_id: 'c' });
  const alone = await register(server, 'consumer', 'alone', here);
  await receives(p, { type: 'consumer_connected', consumer_id: 'alone' });
  otherP.send({ type: 'webrtc_offer', to: 'alone', sdp: 'x' });
  await vi.waitFor(() => expect(codes(otherP)).toEqual(['unknown_target']), DEADLINE);
  p.send({ type: 'webrtc_offer', to: 'c', sdp: 'here' });
  await receives(c, { type: 'webrtc_offer', to: 'c', sdp: 'here', from: 'p' });
  await handled(otherC);
  expect(otherC.received.map(({ type }) => type)).toEqual(['registered', 'producer_list']);
  expect(alone.received).toHaveLength(2);
  expect(consumersOf(otherP)).toEqual(['+c']);
});

test('nothing goes to or from those who are not registered, or between those of one role', async () => {
  const server = await start();
  const stranger = await connect(server);
  const [p, p2, c] = [await register(server, 'producer', 'p'), await register(server, 'producer', 'p2'), await register(server, 'consumer', 'c')];
  stranger.send({ type: 'webrtc_offer', to: 'c', sdp: 'x', from: 'p' });
  stranger.send({ type: 'subscribe' });
  stranger.send({ type: 'list_producers' });
  await vi.waitFor(() => expect(stranger.received.map(({ code }) => code)).toEqual(['not_registered', 'not_registered', 'not_registered']), DEADLINE);
  p.send({ type: 'webrtc_offer', to: 'p2', sdp: 'x' });
  p.send({ type: 'webrtc_offer', to: 'p', sdp: 'x' });
  p.send({ type: 'webrtc_offer', to: 'nobody', sdp: 'x' });
  p.send({ type: 'webrtc_offer', sdp: 'x' });
  p.send({ type: 'webrtc_offer', to: ['c'], sdp: 'x' });
  p.send({ type: 'subscribe' });
  p.send({ type: 'consumer_disconnected', to: 'c', consumer_id: 'c' });
  p.send({ to: 'c' });
  await vi.waitFor(() => expect(codes(p)).toEqual(['not_paired', 'not_paired', 'unknown_target', 'bad_target', 'unknown_target', 'bad_subscription', 'unknown_type', 'unknown_type']), DEADLINE);
  await handled(c);
  expect(c.received.map(({ type }) => type)).toEqual(['registered', 'producer_list']);
  expect(p2.received.map(({ type }) => type)).toEqual(['registered', 'consumer_connected']);
});

test('what cannot be understood is answered, and the connection goes on', async () => {
  const server = await start();
  const peer = await connect(server);
  const deep = `{"type":"register","role":"producer","client_id":"a","metadata":{"deep":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`;
  const register = { type: 'register', role: 'producer', client_id: 'a' };
  for (const message of ['{"type":', '[]', '[{"type":"register"}]', 'null', { ...register, role: 'viewer' }, { ...register, client_id: 1 }, deep, register, register, { ...register, client_id: 'b' }]) peer.send(message);
  await vi.waitFor(() => expect(peer.received.map(({ type, code }) => code ?? type)).toEqual(['bad_message', 'bad_message', 'bad_message', 'bad_message', 'bad_role', 'bad_client_id', 'bad_metadata', 'registered', 'registered', 'already_registered']), DEADLINE);
});

test('an id stays with one that is alive, and goes from one that answers no ping', async () => {
  const server = await start({ probeTimeoutMs: 200 });
  const producer = await register(server, 'producer', 'p');
  await register(server, 'consumer', 'alive');
  const dead = await register(server, 'consumer', 'dead', { autoPong: false });
  const next = await connect(server);
  next.send({ type: 'register', role: 'producer', client_id: 'alive' });
  await vi.waitFor(() => expect(codes(next)).toEqual(['duplicate_client_id']), DEADLINE);
  next.send({ type: 'register', role: 'consumer', client_id: 'dead' });
  next.send({ type: 'register', role: 'consumer', client_id: 'dead' });
  await receives(next, expect.objectContaining({ type: 'registered', client_id: 'dead' }) as Message);
  expect(codes(next)).toEqual(['duplicate_client_id', 'already_registered']);
  if (dead.socket.readyState !== dead.socket.CLOSED) await once(dead.socket, 'close');
  producer.send({ type: 'webrtc_offer', to: 'dead', sdp: 'x' });
  await receives(next, { type: 'webrtc_offer', to: 'dead', sdp: 'x', from: 'p' });
  expect(consumersOf(producer)).toEqual(['+alive', '+dead', '-dead', '+dead']);
});

test.each(['producer', 'consumer'])('with a token a %s gets in only with it', async (role) => {
  const server = await start({ token: 'open sesame' });
  for (const { query, token } of [{ query: '?token=open%20sesame' }, { query: '', token: 'open sesame' }]) {
    const peer = await connect(server, { query });
    peer.send({ type: 'register', role, client_id: `with ${query}`, token });
    await vi.waitFor(() => expect(peer.received[0]).toMatchObject({ type: 'registered' }), DEADLINE);
  }
  const wrong = await connect(server, { query: '?token=wrong' });
  const closed = once(wrong.socket, 'close');
  wrong.send({ type: 'register', role, client_id: 'b' });
  expect((await closed)[0]).toBe(1008);
  expect(wrong.received).toEqual([expect.objectContaining({ code: 'token_incorrect' })]);
});

test('token, limits and bounds count for who comes after a change, and those who are there stay', async () => {
  const server = await start();
  const [producer, consumer] = [await register(server, 'producer', 'p'), await register(server, 'consumer', 'c', { subscribe: ['p'] })];
  const logs = { path: '/other', history: { enabled: true }, token: 'open sesame', maxProducers: 1, maxSubscriptions: 1, maxMessageBytes: 20_000 };
  expect((await server.reconfigure(configOf(logs))).needsRestart.toSorted()).toEqual(['logs.history.enabled', 'logs.path']);
  const stranger = await connect(server);
  stranger.send({ type: 'register', role: 'consumer', client_id: 's' });
  await receives(stranger, expect.objectContaining({ code: 'token_incorrect' }));
  const late = await connect(server, { query: '?token=open%20sesame' });
  late.send({ type: 'register', role: 'producer', client_id: 'p2' });
  late.send({ type: 'register', role: 'consumer', client_id: 'c2', subscribe: ['a', 'b'] });
  await vi.waitFor(() => expect(codes(late)).toEqual(['room_full', 'bad_subscription']), DEADLINE);
  const closed = once(late.socket, 'close');
  for (const client of [late, producer]) client.send({ type: 'x', to: 'c', text: 'x'.repeat(20_000) });
  expect((await closed)[0]).toBe(1009);
  consumer.send({ type: 'subscribe', producers: ['a', 'b'] });
  await receives(consumer, { type: 'subscribed', all: false, producers: ['p', 'a', 'b'] });
  await receives(consumer, expect.objectContaining({ type: 'x', from: 'p' }));
});

test('a room has a bound of producers, and there is a bound of subscriptions', async () => {
  const server = await start({ maxProducers: 1, maxSubscriptions: 1 });
  const producer = await register(server, 'producer', 'p');
  const second = await connect(server);
  second.send({ type: 'register', role: 'producer', client_id: 'p2' });
  await vi.waitFor(() => expect(codes(second)).toEqual(['room_full']), DEADLINE);
  const consumer = await register(server, 'consumer', 'c');
  consumer.send({ type: 'subscribe', producers: ['a', 'b'] });
  consumer.send({ type: 'unsubscribe', producers: 'p' });
  await vi.waitFor(() => expect(codes(consumer)).toEqual(['bad_subscription', 'bad_subscription']), DEADLINE);
  expect(consumersOf(producer)).toEqual(['+c']);
});

test.each([
  ['bytes', 1003, (peer: Peer) => peer.socket.send(Buffer.of(1))],
  ['64 KiB and one byte', 1009, (peer: Peer) => peer.send('x'.repeat(65_537))],
  ['1,000 messages at once', 1008, (peer: Peer) => Array.from({ length: 1_000 }, () => peer.send({ type: 'list_producers' }))],
])('one that sends %s is closed with %i, and others go on', async (_what, code, misbehave) => {
  const server = await start();
  const [producer, bad, good] = [await register(server, 'producer', 'p'), await register(server, 'consumer', 'bad'), await register(server, 'consumer', 'good')];
  const closed = once(bad.socket, 'close');
  misbehave(bad);
  expect((await closed)[0]).toBe(code);
  await receives(producer, { type: 'consumer_disconnected', consumer_id: 'bad' });
  good.send({ type: 'webrtc_answer', to: 'p', sdp: 'x' });
  await receives(producer, { type: 'webrtc_answer', to: 'p', sdp: 'x', from: 'good' });
});

test('a socket that is half-open is cut, and the other side is told', async () => {
  const server = await start({ pingIntervalMs: 200 });
  const producer = await register(server, 'producer', 'p');
  await register(server, 'consumer', 'silent', { autoPong: false });
  await receives(producer, { type: 'consumer_disconnected', consumer_id: 'silent' });
  expect(producer.socket.readyState).toBe(producer.socket.OPEN);
});

test('one that does not register in time is closed', async () => {
  const server = await start({ registerTimeoutMs: 50 });
  const peer = await connect(server);
  expect((await once(peer.socket, 'close'))[0]).toBe(1008);
});

test('a target that does not read is given up for its sender, and must come again', async () => {
  const server = await start({ maxQueuedBytes: 100_000, maxMessagesPerSecond: 100_000 });
  const producer = await register(server, 'producer', 'p');
  const slow = await register(server, 'consumer', 'slow');
  slow.socket.pause();
  const sdp = 'x'.repeat(60_000);
  for (let round = 0; round < 1_000 && codes(producer).length === 0; round++) {
    producer.send({ type: 'webrtc_offer', to: 'slow', sdp });
    await handled(producer);
  }
  expect(codes(producer)).toEqual(['target_busy']);
  // That there is another producer it cannot be told either, and that is nothing to miss.
  for (let index = 0; index < 100 && !consumersOf(producer).includes('-slow'); index++) {
    await register(server, 'producer', `p${index}`, { metadata: { description: 'y'.repeat(900) } });
  }
  await receives(producer, { type: 'consumer_disconnected', consumer_id: 'slow' });
});

test('no messages hurt those who did not send them', async () => {
  const server = await start({ maxMessagesPerSecond: 100_000 });
  const [producer, consumer] = [await register(server, 'producer', 'p'), await register(server, 'consumer', 'c')];
  const bad = await connect(server);
  const id = fc.constantFrom('p', 'c', 'sluice-history', '', '__proto__');
  const known = fc.record({ type: fc.constantFrom('register', 'subscribe', 'unsubscribe', 'webrtc_offer', 'ice_candidate', 'list_producers'), role: fc.constantFrom('producer', 'consumer'), client_id: fc.oneof(id, fc.jsonValue()), to: fc.oneof(id, fc.jsonValue()), producers: fc.oneof(fc.jsonValue(), fc.array(fc.string())), metadata: fc.jsonValue() }, { requiredKeys: ['type'] });
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string(), known.map((message) => JSON.stringify(message))), (sent) => bad.send(sent)), { numRuns: 500 });
  await handled(bad);
  expect(bad.received.length).toBeGreaterThan(100);
  producer.send({ type: 'webrtc_offer', to: 'c', sdp: 'still' });
  await receives(consumer, { type: 'webrtc_offer', to: 'c', sdp: 'still', from: 'p' });
}, 60_000);

test('a handshake that is never finished keeps nobody out', async () => {
  const server = await start();
  const socket = connectTcp(server.httpPort, '127.0.0.1').on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.write('GET /signaling HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n');
  expect((await register(server, 'consumer', 'c')).received).toHaveLength(2);
});

test('2,000 idle clients cost little memory each', async () => {
  const server = await start();
  const before = process.memoryUsage().rss;
  const clients = await Promise.all(Array.from({ length: 2_000 }, () => connect(server)));
  // Both ends of each connection are in this process.
  expect((process.memoryUsage().rss - before) / 2_000).toBeLessThan(100_000);
  for (const { socket } of clients) socket.terminate();
}, 60_000);

test('without being enabled there is no signalling, and it may be at another path', async () => {
  const off = await start({ enabled: false });
  const other = await start({ path: '/other' });
  for (const { httpPort } of [off, other]) {
    const client = new Client(`ws://127.0.0.1:${httpPort}/signaling`).on('error', () => undefined);
    const [, response] = await once(client, 'unexpected-response');
    response.destroy();
    expect(response.statusCode).toBe(404);
  }
  const client = new Client(`ws://127.0.0.1:${other.httpPort}/other`);
  await once(client, 'open');
  client.terminate();
});

test('who asks for the list and changes subscriptions without end is told so, and others are told of few changes', async () => {
  const server = await start({ maxRoomRequestsPerSecond: 5 });
  const [producer, consumer] = [await register(server, 'producer', 'p'), await register(server, 'consumer', 'c')];
  for (let round = 0; round < 40; round++) for (const type of ['unsubscribe', 'subscribe', 'list_producers']) consumer.send({ type });
  await handled(consumer);
  await handled(producer);
  expect(codes(consumer)).toContain('too_often');
  expect(consumersOf(producer).length).toBeLessThan(40);
  expect(consumer.socket.readyState).toBe(Client.OPEN);
});
