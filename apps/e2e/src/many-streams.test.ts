import { LoopbackPeer } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type ServerProcess, startServerProcess } from './support/server-process.ts';
import { until } from './support/until.ts';

const STREAMS = 50;
const VIEWERS = 4;
/** Handshakes at a time, so that none waits so long that it is given up. */
const AT_A_TIME = 5;
const PACKETS = 40;
const KEYFRAME = Buffer.from('10000000009d012a80026801', 'hex');
const TIMEOUT_MS = 240_000;

let server: ServerProcess;
const peers: LoopbackPeer[] = [];

beforeAll(async () => {
  server = await startServerProcess();
});

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

afterAll(() => server?.close());

interface Stream {
  readonly publisher: LoopbackPeer;
  readonly viewers: readonly LoopbackPeer[];
}

async function connect(direction: 'sendonly' | 'recvonly', url: string): Promise<LoopbackPeer> {
  const peer = new LoopbackPeer({ direction, kinds: ['video'] });
  peers.push(peer);
  await peer.connect(url);
  await until('it is connected', () => peer.state === 'connected');
  return peer;
}

async function createStream(number: number): Promise<Stream> {
  const publisher = await connect('sendonly', `${server.url}/whip/many/${number}`);
  const viewers: LoopbackPeer[] = [];
  for (let viewer = 0; viewer < VIEWERS; viewer++) viewers.push(await connect('recvonly', `${server.url}/whep/many/${number}`));
  return { publisher, viewers };
}

async function createStreams(): Promise<readonly Stream[]> {
  const streams: Stream[] = [];
  while (streams.length < STREAMS) {
    const numbers = Array.from({ length: Math.min(AT_A_TIME, STREAMS - streams.length) }, (_, index) => streams.length + index);
    streams.push(...(await Promise.all(numbers.map((number) => createStream(number)))));
    // Without media these viewers say nothing for up to six seconds, after which they are taken for gone.
    publishFirst(streams);
  }
  return streams;
}

function publishFirst(streams: readonly Stream[]): void {
  streams.forEach(({ publisher }, stream) => publisher.send('video', { payload: payloadOf(stream, 0), timestamp: 0 }));
}

/** A keyframe that says which stream and which packet it is. */
function payloadOf(stream: number, packet: number): Buffer {
  return Buffer.concat([KEYFRAME, Buffer.from([stream, packet & 0xff])]);
}

/** Publishes on every stream until all viewers have all of these packets; one that was lost is noticed by the next. */
async function publishUntilSeen(streams: readonly Stream[], packets: readonly number[]): Promise<void> {
  let next = packets[0] ?? 0;
  await until('every viewer has every packet', () => {
    streams.forEach(({ publisher }, stream) => publisher.send('video', { payload: payloadOf(stream, next), timestamp: 3000 * next }));
    next++;
    return streams.every(({ viewers }) => viewers.every((viewer) => packets.every((packet) => numbersAt(viewer).has(packet))));
  });
}

function numbersAt({ received }: LoopbackPeer): ReadonlySet<number> {
  return new Set(received.map(({ payload }) => payload.at(-1) ?? -1));
}

it(`serves ${STREAMS} streams with ${VIEWERS} viewers each at once, everybody the whole of their own`, async () => {
  const streams = await createStreams();
  // Who has just connected may miss the first packets.
  await until('everybody sees something', () => {
    publishFirst(streams);
    return streams.every(({ viewers }) => viewers.every(({ received }) => received.length > 0));
  });
  await publishUntilSeen(streams, Array.from({ length: PACKETS }, (_, index) => index + 1));
  streams.forEach(({ viewers }, stream) => {
    const others = viewers.flatMap(({ received }) => received.filter(({ payload }) => payload.at(-2) !== stream));
    expect(others).toEqual([]);
  });
  expect((await server.usage()).streams).toBe(STREAMS);
}, TIMEOUT_MS);
