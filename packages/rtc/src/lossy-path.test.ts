import { setTimeout as pause } from 'node:timers/promises';
import { type MediaCapabilities, type RtcTransport, receiveCapabilities, sendCapabilities } from '@sluice/core';
import { type ImpairedPath, type LoopbackPeerOptions, LoopbackPeer, createImpairedPath } from '@sluice/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type SluiceEngine, createRtcEngine } from './engine.ts';
import { availableTiers } from './testing/tiers.ts';

const DEADLINE = { timeout: 20_000, interval: 5 };
const LOSS = { loss: 0.1 };
const PACKETS = 300;
/** The publisher keeps 128 packets to send again; at this pace it can be asked for each five times or more. */
const PACE_MS = 4;

const KEYFRAME = Buffer.from('10000000009d012a80026801', 'hex');
/** What a VP8 inter frame begins with: losses before a keyframe would not be repaired. */
const INTER_FRAME = [0x10, 0x01];
const PACKET_BYTES = 200;
/** A third of the packets come before sequence numbers wrap, with which the rollover counter of SRTP steps. */
const NEAR_WRAP = 65_436;
/** On each side of the wrap: longer than a packet takes that the publisher has to send again, and that is received in turns. */
const CALM_PACKETS = 24;
/** Under a quarter of the circle: after a larger gap a viewer's numbers go on where they were, so that there is no doubt of the counter (RFC 3711 section 3.3.1). */
const LARGEST_SKIP = 12_000;

vi.setConfig({ testTimeout: 60_000 });

let engine: SluiceEngine;
const peers: LoopbackPeer[] = [];
const paths: ImpairedPath[] = [];

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
  await engine.close();
  await Promise.all(paths.splice(0).map((path) => path.close()));
});

/** A peer behind a path of its own, which is still a good one. */
async function connect(options: LoopbackPeerOptions, capabilities: MediaCapabilities, prepare: (transport: RtcTransport) => void = () => undefined) {
  const path = await createImpairedPath({ seed: 5 });
  paths.push(path);
  const peer = new LoopbackPeer({ kinds: ['video'], ...options });
  peers.push(peer);
  const transport = engine.createTransport();
  prepare(transport);
  const answer = await transport.answer(await peer.createOffer(), capabilities);
  await peer.acceptAnswer(path.replaceCandidates(answer));
  await vi.waitUntil(() => transport.state === 'connected' && peer.state === 'connected', DEADLINE);
  return { path, peer, transport };
}

/** A publisher, and a viewer who sees it. */
async function connectBoth(rtx: boolean, firstSequenceNumber?: number) {
  const publisher = await connect({ direction: 'sendonly', rtx, firstSequenceNumber }, receiveCapabilities());
  const viewer = await connect({ direction: 'recvonly', rtx }, sendCapabilities(), (transport) => {
    for (const track of publisher.transport.inbound) transport.send(track);
  });
  let sent = 0;
  await vi.waitUntil(() => {
    if (viewer.peer.received.length > 0) return true;
    publisher.peer.send('video', { payload: KEYFRAME, timestamp: 0 });
    sent += 1;
    return false;
  }, DEADLINE);
  await vi.waitUntil(() => publisher.transport.inbound[0]?.stats().packetsReceived === sent, DEADLINE);
  return { publisher, viewer };
}

type Both = Awaited<ReturnType<typeof connectBoth>>;

/** Publishes packets with numbers, each a frame of its own. */
async function publishNumbered(both: Both, before: (number: number) => void = () => undefined): Promise<void> {
  for (let number = 0; number < PACKETS; number++) {
    before(number);
    publish(both, number);
    await pause(PACE_MS);
  }
}

function publish({ publisher }: Both, number: number): void {
  const payload = Buffer.alloc(PACKET_BYTES);
  payload.set(INTER_FRAME);
  payload.writeUInt16BE(number, INTER_FRAME.length);
  publisher.peer.send('video', { payload, timestamp: 3_000 * (number + 1) });
}

/** The numbers that the viewer has; a packet that was sent again may be there twice. */
function numbersAt({ viewer }: Both): Set<number> {
  const payloads = viewer.peer.received.map(({ payload }) => Buffer.from(payload)).filter(({ length }) => length === PACKET_BYTES);
  return new Set(payloads.map((payload) => payload.readUInt16BE(INTER_FRAME.length)));
}

/** Lets the numbers of both sides run ahead until those of the viewer are about to wrap. */
async function skipToWrap({ publisher, viewer }: Both): Promise<void> {
  for (let number = 0, leap = 0; number < NEAR_WRAP; leap++) {
    // What is still under way from before must not be taken for it.
    const payload = Buffer.concat([KEYFRAME, Buffer.from([leap])]);
    publisher.peer.skip('video', Math.min(LARGEST_SKIP, NEAR_WRAP - number));
    publisher.peer.send('video', { payload, timestamp: 0 });
    const found = await vi.waitUntil(() => viewer.peer.received.find((packet) => payload.equals(packet.payload)), DEADLINE);
    number = found.sequenceNumber;
  }
}

/** Publishes on meanwhile, because nobody misses the last packet before another one comes. */
async function waitForAll(both: Both): Promise<void> {
  const expected = Array.from({ length: PACKETS }, (_, number) => number);
  let next = PACKETS;
  await vi.waitUntil(() => {
    publish(both, next++);
    const numbers = numbersAt(both);
    return expected.every((number) => numbers.has(number));
  }, DEADLINE);
}

const CASES = (await availableTiers()).flatMap((tier) => [
  { tier, how: 'with RTX (RFC 4588)', rtx: true },
  { tier, how: 'in the stream itself', rtx: false },
]);

describe.each(CASES)('on a path that loses every tenth packet, retransmission $how by the $tier tier', ({ tier, rtx }) => {
  beforeEach(async () => {
    engine = await createRtcEngine({ tier, port: 0, addresses: ['127.0.0.1'] });
  });

  test('brings back every packet of a publisher', async () => {
    const both = await connectBoth(rtx);
    const { path, transport } = both.publisher;
    path.impair({ toServer: LOSS });
    await publishNumbered(both);
    await waitForAll(both);
    expect(path.counters.toServer.lost).toBeGreaterThan(PACKETS / 20);
    const [track] = transport.inbound;
    expect(track?.stats().retransmittedPacketsReceived).toBeGreaterThan(PACKETS / 20);
  });

  test('brings back every packet to a viewer', async () => {
    const both = await connectBoth(rtx);
    const { path, transport } = both.viewer;
    path.impair({ toClient: LOSS });
    await publishNumbered(both);
    await waitForAll(both);
    expect(path.counters.toClient.lost).toBeGreaterThan(PACKETS / 20);
    const [track] = transport.outbound;
    expect(track?.stats().retransmittedPacketsSent).toBeGreaterThan(PACKETS / 20);
  });

  // In the stream itself a packet from before the wrap comes after it, for which werift has the wrong counter once a hundred have followed.
  test.runIf(rtx)('brings back every packet over the wrap of the publisher\'s numbers', async () => {
    const both = await connectBoth(rtx, NEAR_WRAP);
    both.publisher.path.impair({ toServer: LOSS });
    both.viewer.path.impair({ toClient: LOSS });
    await publishNumbered(both);
    await waitForAll(both);
    expect(both.publisher.transport.inbound[0]?.stats().packetsReceived).toBeGreaterThan(2 ** 16 - NEAR_WRAP);
  });

  test.runIf(rtx)('brings back every packet over the wrap of the viewer\'s numbers', async () => {
    // Those of the publisher do not wrap on the way: to werift a leap over the wrap is none.
    const both = await connectBoth(rtx, 1);
    await skipToWrap(both);
    await publishNumbered(both, (number) => {
      // werift never asks for a packet that is lost right at the wrap, or comes after it.
      const isAtWrap = Math.abs(NEAR_WRAP + number - 2 ** 16) < CALM_PACKETS;
      both.publisher.path.impair({ toServer: isAtWrap ? {} : LOSS });
      both.viewer.path.impair({ toClient: isAtWrap ? {} : LOSS });
    });
    await waitForAll(both);
    expect(both.viewer.peer.received.at(-1)?.sequenceNumber).toBeLessThan(0x8000);
  });

  test('that cannot be asked for leaves the losses, which are reported', async () => {
    const both = await connectBoth(rtx);
    const { path, transport } = both.publisher;
    path.impair({ toServer: LOSS, toClient: { loss: 1 } });
    await publishNumbered(both);
    path.impair({ toServer: {} });
    publish(both, PACKETS);
    // Without loss on its way to the viewer this packet comes last.
    await vi.waitUntil(() => numbersAt(both).has(PACKETS), DEADLINE);
    const missing = PACKETS + 1 - numbersAt(both).size;
    expect(missing).toBeGreaterThan(PACKETS / 20);
    const [track] = transport.inbound;
    expect(track?.stats().packetsLost).toBe(missing);
  });
});
