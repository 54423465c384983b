import { parseConfig } from '@sluice/config';
import { type HookPoints, allow, definePlugin, silentLogger } from '@sluice/core';
import { LoopbackPeer } from '@sluice/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startServer } from './server.ts';
import { PeerClient, play, publish } from './testing/peer-client.ts';

// Real connections on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const DEADLINE = { timeout: 20_000, interval: 10 };
const DESK = { app: 'live', stream: 'desk' };
const INPUTS: [type: string, data: object][] = [
  ['mouse-move', { x: 10, y: 20.5, modifiers: [] }],
  ['mouse-click', { x: 10, y: 20, button: 0, action: 'down', modifiers: ['ctrl'] }],
  ['key-press', { key: 'a', key_code: 65, action: 'down', modifiers: ['shift', 'ctrl'], repeat: false }],
];

/** A server whose hooks note what they hear; `control` is what the play hook says, of which it is asked again after `lifetimeMs`. */
async function start({ control = () => undefined, lifetimeMs }: { control?: () => boolean | undefined; lifetimeMs?: number } = {}) {
  const heard: HookPoints['input']['input'][] = [];
  const spy = definePlugin(() => ({ name: 'spy', hooks: { input: (input) => void heard.push(input), play: () => allow({ control: control(), lifetimeMs, renew: lifetimeMs !== undefined }) } }));
  const config = parseConfig({ http: { port: 0 }, rtc: { port: 0, addresses: ['127.0.0.1'], tier: 'portable' }, demo: false, plugins: [spy()] });
  const server = await startServer(config, { logger: silentLogger });
  onTestFinished(() => server.close());
  return { server, heard };
}

describe('input', () => {
  test('comes to a publisher on /ws in order, over its socket, and to the hooks', async () => {
    const { server, heard } = await start();
    const desk = await PeerClient.greet(server, { id: 1 });
    await publish(desk, DESK);
    const controller = await PeerClient.greet(server, { id: 'controller' });
    await play(controller, DESK);
    for (let round = 0; round < 20; round++) for (const [type, data] of INPUTS) controller.send(type, { ...data, round });
    const inputs = () => desk.received.filter(({ type }) => type !== 'ice-candidate');
    await vi.waitFor(() => expect(inputs()).toHaveLength(60), DEADLINE);
    expect(inputs().map(({ type, data }) => [type, data])).toEqual(Array.from({ length: 20 }, (_, round) => INPUTS.map(([type, data]) => [type, { ...data, round, from: 'controller' }])).flat());
    expect(inputs().every(({ peer_id }) => peer_id === 1)).toBe(true);
    expect(heard).toHaveLength(60);
    expect(heard[2]).toMatchObject({ stream: { ...DESK }, channel: 'input' });
    expect(JSON.parse(String(heard[2]?.message))).toMatchObject({ type: 'key-press', peer_id: 'controller', data: { key: 'a', from: 'controller' } });
    expect(controller.received.filter(({ type }) => type === 'error')).toEqual([]);
  });

  test('comes to a publisher with a data channel input there, and not over its socket', async () => {
    const { server } = await start();
    const desk = await PeerClient.greet(server, { id: 1 });
    const publisher = await publish(desk, DESK, { channel: 'input' });
    const controller = await PeerClient.greet(server, { id: 2 });
    await play(controller, DESK);
    controller.send('mouse-move', { x: 1, y: 2 });
    await vi.waitFor(() => expect(publisher.messages).toHaveLength(1), DEADLINE);
    expect(JSON.parse(String(publisher.messages[0]))).toMatchObject({ type: 'mouse-move', peer_id: 2, data: { x: 1, y: 2, modifiers: [], from: 2 } });
    desk.send('ping');
    await desk.next('pong');
    expect(desk.received.map(({ type }) => type).filter((type) => type !== 'ice-candidate')).toEqual([]);
  });

  test('of a viewer on its data channel comes over the socket of a publisher that has none', async () => {
    const { server, heard } = await start();
    const desk = await PeerClient.greet(server, { id: 1 });
    await publish(desk, DESK);
    const viewer = new LoopbackPeer({ direction: 'recvonly', kinds: ['video'], channel: 'input' });
    onTestFinished(() => viewer.close());
    await viewer.connect(`${server.url}/whep/live/desk`);
    await vi.waitUntil(() => viewer.channelOpen, DEADLINE);
    for (const message of ['no JSON', '{"type":"other"}', '{"type":"key-press","data":[]}', '{"type":"key-press","data":{"key":"a"}}']) viewer.sendMessage(message);
    expect((await desk.next('key-press')).data).toEqual({ key: 'a', modifiers: [], from: heard[0]?.sessionId });
    expect(heard).toHaveLength(4);
    expect(desk.received.filter(({ type }) => type !== 'ice-candidate')).toEqual([]);
  });

  test('of a viewer that may not control the stream, or has none, is refused', async () => {
    const { server, heard } = await start({ control: () => false });
    const desk = await PeerClient.greet(server, { id: 1 });
    await publish(desk, DESK);
    const viewer = await PeerClient.greet(server, { id: 2 });
    expect(await viewer.refused('mouse-move', { x: 1, y: 2 })).toBe('SESSION_REQUIRED');
    await play(viewer, DESK);
    for (const [type, data] of INPUTS) expect(await viewer.refused(type, data)).toBe('CONTROL_DENIED');
    desk.send('ping');
    await desk.next('pong');
    expect([desk.received.filter(({ type }) => type !== 'ice-candidate'), heard]).toEqual([[], []]);
  });

  test('is refused once the play hook, asked again, gives no control any more', async () => {
    let isAllowed = true;
    const { server } = await start({ control: () => isAllowed, lifetimeMs: 1_000 });
    const desk = await PeerClient.greet(server, { id: 1 });
    await publish(desk, DESK);
    const viewer = await PeerClient.greet(server, { id: 2 });
    await play(viewer, DESK);
    viewer.send('mouse-move', { x: 1, y: 2 });
    await desk.next('mouse-move');
    isAllowed = false;
    await vi.waitFor(async () => {
      viewer.received.length = 0;
      viewer.send('mouse-move', { x: 1, y: 2 });
      viewer.send('ping');
      await viewer.next('pong');
      expect(viewer.received).toMatchObject([{ error: { code: 'CONTROL_DENIED' } }]);
    }, DEADLINE);
  });

  test.each<[string, object]>([
    ['mouse-move', { x: 1 }],
    ['mouse-move', { x: '1', y: 2 }],
    ['mouse-click', { x: 1, y: 2, button: [] }],
    ['mouse-click', { x: 1, y: 2, modifiers: 'ctrl' }],
    ['key-press', {}],
    ['key-press', { key: 7 }],
    ['key-press', { key: 'a', key_code: [65] }],
    ['key-press', { key: 'a', repeat: 'yes' }],
    ['key-press', { key: 'x'.repeat(2_000) }],
  ])('%s %j is refused', async (type, data) => {
    const { server } = await start();
    const client = await PeerClient.greet(server);
    expect(await client.refused(type, data)).toBe('DATA_INVALID');
  });
});
