import { type RtcTransport, receiveCapabilities, sendCapabilities } from '@sluice/core';
import { LoopbackPeer } from '@sluice/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type SluiceEngine, createRtcEngine } from './engine.ts';
import { H265_CLIP, aggregateH265, fragmentH265 } from './testing/h265-clip.ts';

const DEADLINE = { timeout: 20_000, interval: 20 };
const FRAME = 9000;
const { parameterSets, keyframe, others } = H265_CLIP;
/** As an encoder that aggregates and fragments sends it: the first of them is one random access picture. */
const FRAMES = [[aggregateH265(parameterSets), ...fragmentH265(keyframe, 120)], ...others.map((unit) => [unit])];
const PAYLOADS = FRAMES.flat().map((payload) => payload.toString('hex'));

vi.setConfig({ testTimeout: 30_000 });

let engine: SluiceEngine;
let peers: LoopbackPeer[];
let publisher: LoopbackPeer;
let source: RtcTransport;

beforeEach(async () => {
  engine = await createRtcEngine({ port: 0, addresses: ['127.0.0.1'] });
  peers = [];
  publisher = createPeer('sendonly');
  source = engine.createTransport();
  await publisher.acceptAnswer(await source.answer(await publisher.createOffer(), receiveCapabilities()));
  await vi.waitUntil(() => source.state === 'connected', DEADLINE);
});

afterEach(async () => {
  await Promise.all(peers.map((peer) => peer.close()));
  await engine.close();
});

function createPeer(direction: 'sendonly' | 'recvonly'): LoopbackPeer {
  const peer = new LoopbackPeer({ direction, kinds: ['video'], videoCodec: 'H265' });
  peers.push(peer);
  return peer;
}

async function play(): Promise<{ viewer: LoopbackPeer; answer: string }> {
  const viewer = createPeer('recvonly');
  const transport = engine.createTransport();
  for (const track of source.inbound) transport.send(track);
  const answer = await transport.answer(await viewer.createOffer(), sendCapabilities());
  await viewer.acceptAnswer(answer);
  await vi.waitUntil(() => transport.state === 'connected', DEADLINE);
  return { viewer, answer };
}

/** The publisher answers no keyframe request. */
function publish(first = 0): void {
  for (const [index, packets] of FRAMES.slice(first).entries()) {
    for (const [at, payload] of packets.entries()) publisher.send('video', { payload, timestamp: FRAME * (first + index), marker: at === packets.length - 1 });
  }
}

function payloadsOf({ received }: LoopbackPeer): string[] {
  return received.map(({ payload }) => Buffer.from(payload).toString('hex'));
}

it('H265 is agreed on with its profile, and goes through as it came, aggregated and in fragments', async () => {
  const { viewer, answer } = await play();
  expect(answer).toMatch(/^a=rtpmap:\d+ H265\/90000\r$/m);
  expect(answer).toMatch(/^a=fmtp:\d+ .*profile-id=1/m);
  publish();
  await vi.waitUntil(() => viewer.received.length >= PAYLOADS.length, DEADLINE);
  expect(payloadsOf(viewer)).toEqual(PAYLOADS);
  expect(viewer.received.map(({ marker }) => marker)).toEqual(FRAMES.flatMap((packets) => packets.map((_, at) => at === packets.length - 1)));
  const stats = source.inbound[0]!.stats();
  expect(stats).toMatchObject({ framesReceived: FRAMES.length, keyFramesReceived: 1, frameWidth: 96, frameHeight: 64, bFrames: false });
});

it('a late viewer of H265 begins with the parameter sets and the IDR picture, though the publisher makes no other', async () => {
  publish();
  await vi.waitUntil(() => source.inbound[0]!.stats().framesReceived === FRAMES.length, DEADLINE);
  const { viewer } = await play();
  await vi.waitUntil(() => viewer.received.length >= PAYLOADS.length, DEADLINE);
  expect(payloadsOf(viewer)).toEqual(PAYLOADS);
  publish(1);
  await vi.waitUntil(() => viewer.received.length >= PAYLOADS.length + others.length, DEADLINE);
  expect(payloadsOf(viewer).slice(PAYLOADS.length)).toEqual(PAYLOADS.slice(-others.length));
});

it('a viewer of another profile of H265 is refused, and told why', async () => {
  const offer = (await createPeer('recvonly').createOffer()).replaceAll('profile-id=1', 'profile-id=2');
  const transport = engine.createTransport();
  for (const track of source.inbound) transport.send(track);
  await expect(transport.answer(offer, sendCapabilities())).rejects.toMatchObject({ status: 422, message: expect.stringMatching(/H265 .*profile-id=1.*profile-id=2/) });
});
