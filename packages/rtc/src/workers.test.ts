import { Worker } from 'node:worker_threads';
import { receiveCapabilities, sendCapabilities } from '@sluice/core';
import { LoopbackPeer } from '@sluice/testing';
import { type MockInstance, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SluiceEngine, createRtcEngine } from './engine.ts';
import { availableTiers } from './testing/tiers.ts';

const DEADLINE = { timeout: 20_000, interval: 5 };
const KEYFRAME = Buffer.from('10000000009d012a80026801', 'hex');
const hasNative = (await availableTiers()).includes('native');

let engine: SluiceEngine;
const peers: LoopbackPeer[] = [];

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let threads: MockInstance;

beforeEach(() => {
  threads = vi.spyOn(Worker.prototype, 'unref');
});

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
  await engine.close();
  vi.restoreAllMocks();
});

async function start(workers: number): Promise<void> {
  engine = await createRtcEngine({ port: 0, addresses: ['127.0.0.1'], tier: 'native', workers });
  await vi.waitUntil(() => engine.stats().workers === workers, DEADLINE);
}

async function publish() {
  const peer = new LoopbackPeer({ direction: 'sendonly', kinds: ['video'] });
  peers.push(peer);
  const transport = engine.createTransport();
  await peer.acceptAnswer(await transport.answer(await peer.createOffer(), receiveCapabilities()));
  return { peer, transport };
}

async function play(publisher: Awaited<ReturnType<typeof publish>>) {
  const peer = new LoopbackPeer({ direction: 'recvonly', kinds: ['video'] });
  peers.push(peer);
  const transport = engine.createTransport();
  for (const track of publisher.transport.inbound) transport.send(track);
  await peer.acceptAnswer(await transport.answer(await peer.createOffer(), sendCapabilities()));
  let timestamp = 0;
  await vi.waitUntil(() => {
    if (publisher.peer.state === 'connected') publisher.peer.send('video', { payload: KEYFRAME, timestamp: (timestamp += 3000) });
    return peer.received.length > 0;
  }, DEADLINE);
  return { peer, transport };
}

describe.runIf(hasNative)('an engine with workers', () => {
  it('sends media by them', async () => {
    await start(2);
    const publisher = await publish();
    const viewers = [await play(publisher), await play(publisher)];
    for (const { peer } of viewers) expect(Buffer.from(peer.received[0]!.payload)).toEqual(KEYFRAME);
    expect(engine.stats().dropped).toMatchObject({ workerOverflow: 0, workerNotSealed: 0 });
    expect(viewers[0]!.transport.stats().packetsSent).toBeGreaterThan(0);
  });

  it('ends the sessions of one that crashes, with a reason, and serves new ones', async () => {
    await start(1);
    const publisher = await publish();
    const viewer = await play(publisher);
    const reasons: (string | undefined)[] = [];
    viewer.transport.onState((state, reason) => state === 'closed' && reasons.push(reason));
    const [thread] = threads.mock.contexts as Worker[];
    await thread!.terminate();
    await vi.waitUntil(() => reasons.length > 0, DEADLINE);
    expect(reasons).toEqual([expect.stringContaining('worker')]);
    expect(publisher.transport.state).toBe('connected');
    await vi.waitUntil(() => engine.stats().workers === 1, DEADLINE);
    expect(engine.stats().workerCrashes).toBe(1);
    await play(publisher);
  });
});
