import { once } from 'node:events';
import { deflateSync } from 'node:zlib';
import { parseConfig } from '@sluice/config';
import { silentLogger } from '@sluice/core';
import { LoopbackPeer } from '@sluice/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket as Client } from 'ws';
import type { RunningServer } from './running-server.ts';
import { startServer } from './server.ts';

const DEADLINE = { timeout: 20_000, interval: 20 };
const HISTORY = 'sluice-history';

type Message = Readonly<Record<string, unknown>>;

async function start(logs: object): Promise<RunningServer> {
  const server = await startServer(parseConfig({ http: { port: 0 }, rtc: { port: 0 }, demo: false, logs }), { logger: silentLogger });
  onTestFinished(() => server.close());
  return server;
}

async function register({ httpPort }: RunningServer, registration: Message) {
  const socket = new Client(`ws://127.0.0.1:${httpPort}/signaling`);
  const received: Message[] = [];
  socket.addEventListener('message', ({ data }) => received.push(JSON.parse(data as string)));
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  const send = (message: Message): void => socket.send(JSON.stringify(message));
  send({ type: 'register', ...registration });
  const next = async (type: string, count = 1): Promise<Message> => {
    await vi.waitFor(() => expect(received.filter((message) => message['type'] === type).length).toBeGreaterThanOrEqual(count), DEADLINE);
    return received.filter((message) => message['type'] === type)[count - 1]!;
  };
  await next('registered');
  return { socket, received, send, next };
}

/** A program that logs: it offers when it is told of a consumer, and trickles its candidates. */
async function startProducer(server: RunningServer, id: string, metadata: Message = {}) {
  const signaling = await register(server, { role: 'producer', client_id: id, metadata });
  const peer = new LoopbackPeer({ direction: 'sendonly', kinds: [], channel: 'logs' });
  onTestFinished(() => peer.close());
  await signaling.next('consumer_connected');
  const offer = await peer.createOffer();
  signaling.send({ type: 'webrtc_offer', to: HISTORY, sdp: offer.replaceAll(/^a=(candidate:|end-of-candidates).*\r\n/gm, '') });
  for (const [, candidate] of offer.matchAll(/^a=(candidate:.*)\r$/gm)) signaling.send({ type: 'ice_candidate', to: HISTORY, candidate, sdpMLineIndex: 0 });
  await peer.acceptAnswer(String((await signaling.next('webrtc_answer'))['sdp']));
  await vi.waitFor(() => expect(peer.channelOpen).toBe(true), DEADLINE);
  return { peer, signaling };
}

function entry(message: string): Message {
  return { timestamp: new Date(0).toISOString(), level: 'INFO', target: 'test', message };
}

/** The messages that are kept of a system, asked for until they are as many. */
async function kept(consumer: Awaited<ReturnType<typeof register>>, systemName: string, count: number): Promise<unknown[]> {
  let asked = consumer.received.filter(({ type }) => type === 'history').length;
  let messages: unknown[] = [];
  await vi.waitFor(async () => {
    consumer.send({ type: 'history_request', system_name: systemName });
    const { entries } = (await consumer.next('history', (asked += 1))) as { entries?: { entry: Message }[] };
    messages = entries!.map((row) => row.entry['message']);
    expect(messages).toHaveLength(count);
  }, DEADLINE);
  return messages;
}

test('a page that comes late gets what was logged before, alone, in batches and compressed', async () => {
  const server = await start({ history: { enabled: true, entries: 4 } });
  const { peer, signaling } = await startProducer(server, 'p', { system_name: 'shop' });
  peer.sendMessage(JSON.stringify(entry('a')));
  peer.sendMessage(JSON.stringify([entry('b'), { not: 'an entry' }, entry('c')]));
  peer.sendMessage(deflateSync(JSON.stringify([entry('d')])));
  peer.sendMessage('{"broken":');
  peer.sendMessage(Buffer.from([1, 2, 3]));
  const consumer = await register(server, { role: 'consumer', client_id: 'late' });
  expect(await kept(consumer, 'shop', 4)).toEqual(['a', 'b', 'c', 'd']);
  // Its channel goes on without its WebSocket.
  signaling.socket.terminate();
  await consumer.next('producer_disconnected');
  peer.sendMessage(JSON.stringify([entry('e'), entry('f')]));
  await vi.waitFor(async () => expect(await kept(consumer, 'shop', 4)).toEqual(['c', 'd', 'e', 'f']), DEADLINE);
  expect(consumer.received.filter(({ type }) => type === 'error')).toEqual([]);
}, 60_000);

test('several systems are kept apart, and a producer that comes again goes on', async () => {
  const server = await start({ history: { enabled: true } });
  const [one, other] = [await startProducer(server, 'one'), await startProducer(server, 'other')];
  one.peer.sendMessage(JSON.stringify(entry('of one')));
  other.peer.sendMessage(JSON.stringify(entry('of other')));
  const consumer = await register(server, { role: 'consumer', client_id: 'c' });
  expect(await kept(consumer, 'one', 1)).toEqual(['of one']);
  one.signaling.socket.terminate();
  await consumer.next('producer_disconnected');
  const again = await startProducer(server, 'one');
  again.peer.sendMessage(JSON.stringify(entry('of one again')));
  const late = await register(server, { role: 'consumer', client_id: 'late' });
  expect(await kept(late, 'one', 2)).toEqual(['of one', 'of one again']);
  late.send({ type: 'history_request' });
  expect((await late.next('history_systems'))['systems']).toEqual([expect.objectContaining({ system_name: 'other', entries: 1 }), expect.objectContaining({ system_name: 'one', entries: 2 })]);
}, 60_000);

test('what the history does not do is said', async () => {
  const server = await start({ history: { enabled: true } });
  const producer = await register(server, { role: 'producer', client_id: 'p' });
  const consumer = await register(server, { role: 'consumer', client_id: 'c' });
  producer.send({ type: 'webrtc_offer', to: HISTORY, sdp: 'garbage' });
  producer.send({ type: 'history_request' });
  consumer.send({ type: 'webrtc_offer', to: HISTORY, sdp: 'v=0' });
  consumer.send({ type: 'history_request', system_name: 7 });
  await vi.waitFor(() => expect([...producer.received, ...consumer.received].flatMap(({ code }) => code ?? [])).toHaveLength(4), DEADLINE);
  expect(new Set(producer.received.map(({ code }) => code))).toEqual(new Set([undefined, 'bad_offer', 'bad_history_request']));
  expect(consumer.received.flatMap(({ code }) => code ?? [])).toEqual(['not_paired', 'bad_history_request']);
  const off = await register(await start({}), { role: 'consumer', client_id: 'c' });
  off.send({ type: 'history_request' });
  expect(await off.next('error')).toMatchObject({ code: 'history_unavailable' });
}, 60_000);
