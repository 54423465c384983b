import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { RunningServer } from '@sluice/server';
import { LoopbackPeer } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

const KEYFRAME = Buffer.from('10000000009d012a80026801', 'hex');

let server: RunningServer;
let offer: string;

beforeAll(async () => {
  server = await startTestServer();
  const peer = new LoopbackPeer({ direction: 'sendonly' });
  offer = await peer.createOffer();
  await peer.close();
});

afterAll(() => server?.close());

// Whatever a test has sent, the server serves on.
afterEach(async () => {
  const response = await fetch(`${server.url}/healthz`);
  if (response.status !== 200) throw new Error(`The server answers ${response.status} after a bad request.`);
});

interface BadOffer {
  readonly body: () => string | Uint8Array<ArrayBuffer>;
  /** Status of WHIP. */
  readonly status: number;
  /** A word that tells the client what is wrong. */
  readonly says: RegExp;
}

const BAD_OFFERS: Readonly<Record<string, BadOffer>> = {
  empty: { body: () => '', status: 400, says: /empty/i },
  garbage: { body: () => 'garbage', status: 400, says: /SDP|v=0/ },
  'of 1 MB': { body: () => `${offer}a=${'x'.repeat(1_000_000)}\r\n`, status: 413, says: /bytes/ },
  'not UTF-8': { body: () => new Uint8Array([0x76, 0x3d, 0x30, 0xff, 0xfe, 0xc3, 0x28]), status: 400, says: /UTF-8/ },
  'of thousands of m-lines': { body: () => `${head()}${'m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n'.repeat(1500)}`, status: 400, says: /m-line/ },
  'without ICE credentials': { body: () => offer.replaceAll(/a=ice-ufrag.*\r\n/g, ''), status: 400, says: /ice-ufrag/ },
  'without fingerprint': { body: () => offer.replaceAll(/a=fingerprint.*\r\n/g, ''), status: 400, says: /fingerprint/ },
  'of a codec nobody has': { body: () => offer.replaceAll('opus/48000/2', 'wax/78'), status: 422, says: /codec/ },
};

describe.each(Object.entries(BAD_OFFERS))('an offer %s', (_, { body, status, says }) => {
  it('is refused by WHIP with its status and a reason', async () => {
    const response = await fetch(`${server.url}/whip/live/bad`, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: body() });
    expect(response.status).toBe(status);
    expectForPeople(await response.text(), says);
  });

  it('is refused by the ZLMediaKit API with HTTP 200 and a negative code', async () => {
    const url = `${server.url}/index/api/webrtc?app=live&stream=bad&type=push`;
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: body() });
    expect(response.status).toBe(200);
    const reply: { code: number; msg: string } = await response.json();
    expect([-300, -400]).toContain(reply.code);
    expectForPeople(reply.msg, says);
  });
});

it.each([
  ['app=live&stream=bad', -300, /type/],
  ['stream=bad&type=push', -300, /app/],
  ['app=live&type=push', -300, /stream/],
  ['app=live&stream=bad&type=teleport', -400, /^the type can not supported$/],
])('a ZLMediaKit request with %s says what is missing', async (query, code, says) => {
  const response = await fetch(`${server.url}/index/api/webrtc?${query}`, { method: 'POST', body: offer });
  const reply: { code: number; msg: string } = await response.json();
  expect(reply.code).toBe(code);
  expectForPeople(reply.msg, says);
});

it('whatever comes in on the media port, the sessions go on', async () => {
  const [publisher, viewer] = [new LoopbackPeer({ direction: 'sendonly' }), new LoopbackPeer({ direction: 'recvonly' })];
  await publisher.connect(`${server.url}/whip/live/good`);
  await viewer.connect(`${server.url}/whep/live/good`);
  await sendGarbage(server.rtcPort);
  await until('a packet goes all the way', () => {
    publisher.send('video', { payload: KEYFRAME, timestamp: 3000 });
    return viewer.received.length > 0;
  });
  expect(publisher.state).toBe('connected');
  await Promise.all([publisher.close(), viewer.close()]);
});

/** First bytes of STUN, DTLS, RTP and RTCP before noise, and noise alone. */
async function sendGarbage(port: number): Promise<void> {
  const socket = createSocket('udp4');
  const starts = [[0, 1], [20, 254, 253], [22, 254, 253], [23, 254, 253], [128, 96], [128, 200], [255]];
  for (let round = 0; round < 300; round++) {
    const start = starts[round % starts.length] ?? [];
    const datagram = Buffer.concat([Buffer.from(start), randomBytes(round % 200)]);
    await new Promise((resolve) => {
      socket.send(datagram, port, '127.0.0.1', resolve);
    });
  }
  socket.close();
}

function expectForPeople(text: string, says: RegExp): void {
  expect(text).toMatch(says);
  expect(text).not.toMatch(/\.ts|node_modules| {4}at /);
}

function head(): string {
  return offer.slice(0, offer.indexOf('m='));
}
