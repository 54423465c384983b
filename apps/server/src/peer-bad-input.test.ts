import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { DEADLINE, startMediaServer as start } from './testing/media-peers.ts';
import { metric } from './testing/metric.ts';
import { PeerClient, play } from './testing/peer-client.ts';

// Real connections on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const TYPES = ['hello', 'ping', 'request-offer', 'answer', 'publish', 'ice-candidate', 'get-stats', 'mouse-click', 'mouse-move', 'key-press'];

/** Whether somebody else is served as if nothing had happened. */
async function expectServed(client: PeerClient): Promise<void> {
  client.send('ping', { sequence: 1 });
  expect((await client.next('pong')).data).toMatchObject({ sequence: 1 });
}

test.each([
  ['nothing', '', 'MESSAGE_MALFORMED'],
  ['half of a JSON text', '{"type":"ping"', 'MESSAGE_MALFORMED'],
  ['a list', '[{"type":"ping"}]', 'MESSAGE_MALFORMED'],
  ['null', 'null', 'MESSAGE_MALFORMED'],
  ['a list, nested deeply', '['.repeat(60_000), 'MESSAGE_MALFORMED'],
  ['no type', '{}', 'MESSAGE_TYPE_UNKNOWN'],
  ['a type that is no text', '{"type":["ping"]}', 'MESSAGE_TYPE_UNKNOWN'],
  ['a type of the language', '{"type":"__proto__"}', 'MESSAGE_TYPE_UNKNOWN'],
  ['data that is a list', '{"type":"ping","data":[]}', 'DATA_INVALID'],
  ['data that is a text', '{"type":"ping","data":"x"}', 'DATA_INVALID'],
  ['an input, nested deeply', `{"type":"mouse-move","data":{"x":1,"y":2,"z":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`, 'SESSION_REQUIRED'],
])('%s is an error, and the socket stays', async (_what, text, code) => {
  const client = await PeerClient.greet(await start());
  expect(await client.refusedText(text)).toBe(code);
  await expectServed(client);
});

describe('a client is closed, and others are not,', () => {
  test.each<[string, number, (client: PeerClient) => void]>([
    ['for a message of 64 KiB and one byte', 1009, ({ socket }) => socket.send(`"${'x'.repeat(65_535)}"`)],
    ['for a binary frame', 1003, ({ socket }) => socket.send(Buffer.from('{"type":"ping"}'))],
    ['for 1,000 messages at once', 1008, (client) => Array.from({ length: 1_000 }, () => client.send('ping'))],
  ])('%s', async (_why, code, misbehave) => {
    const server = await start({ demo: true });
    const [good, bad] = [await PeerClient.greet(server, { id: 1 }), await PeerClient.greet(server, { id: 2 })];
    await play(bad);
    const closed = bad.closed();
    misbehave(bad);
    expect(await closed).toBe(code);
    await vi.waitFor(async () => expect(await metric(server, 'sluice_sessions_closed_total{role="viewer",cause="client"}')).toBe(1), DEADLINE);
    await expectServed(good);
  });

  test('when its other end has gone without a word', async () => {
    const server = await start({ peer: { pingIntervalMs: 200, graceMs: 0 } });
    const [good, half] = [await PeerClient.greet(server, { id: 1 }), await PeerClient.greet(server, { id: 2, autoPong: false })];
    expect(await half.closed()).toBe(1006);
    await vi.waitFor(async () => expect(await metric(server, 'sluice_peer_clients')).toBe(1), DEADLINE);
    await expectServed(good);
  });
});

test('a message of exactly 64 KiB is read', async () => {
  const client = await PeerClient.greet(await start());
  const head = '{"type":"ping","peer_id":"client","data":{"x":"';
  client.sendText(`${head}${'x'.repeat(65_536 - head.length - 3)}"}}`);
  expect((await client.next('pong')).data).toMatchObject({ sequence: 0 });
});

test('2,000 idle clients cost little memory each', async () => {
  const server = await start();
  const before = process.memoryUsage().rss;
  const clients = await Promise.all(Array.from({ length: 2_000 }, (_, id) => PeerClient.greet(server, { id })));
  expect(await metric(server, 'sluice_peer_clients')).toBe(2_000);
  // Both ends of each connection are in this process.
  expect((process.memoryUsage().rss - before) / 2_000).toBeLessThan(100_000);
  for (const { socket } of clients) socket.terminate();
  await vi.waitFor(async () => expect(await metric(server, 'sluice_peer_clients')).toBe(0), DEADLINE);
});

test('no messages hurt those who did not send them, and every answer can be decoded strictly', async () => {
  const server = await start({ demo: true, peer: { maxMessagesPerSecond: 100_000 } });
  const [good, bad] = [await PeerClient.greet(server, { id: 1 }), await PeerClient.greet(server, { id: 2 })];
  await play(good);
  const field = fc.constantFrom('sdp', 'candidate', 'session_id', 'stats_type', 'constraints', 'codec_preferences', 'x', 'y', 'key', 'modifiers', 'resume_token', 'app', 'vhost', '__proto__');
  const envelope = fc.record(
    { type: fc.constantFrom(...TYPES), peer_id: fc.constantFrom<unknown>(2, '2', undefined, null, {}), message_id: fc.jsonValue(), timestamp: fc.jsonValue(), data: fc.oneof(fc.dictionary(field, fc.jsonValue()), fc.jsonValue()) },
    { requiredKeys: ['type'] },
  );
  const text = fc.oneof({ weight: 4, arbitrary: envelope.map((value) => JSON.stringify(value)) }, { weight: 1, arbitrary: fc.oneof(fc.json(), fc.string()) });
  fc.assert(fc.property(text, (sent) => bad.sendText(sent)), { numRuns: 500 });
  bad.socket.ping();
  await once(bad.socket, 'pong');
  expect(bad.received.length).toBeGreaterThan(100);
  expect(bad.received.filter(({ error }) => error?.code === 'INTERNAL')).toEqual([]);
  await expectServed(good);
});
