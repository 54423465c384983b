import { randomBytes, randomInt } from 'node:crypto';
import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type IceCredentials, type RtcTransport, receiveCapabilities } from '@sluice/core';
import { LoopbackPeer } from '@sluice/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type SluiceEngine, createRtcEngine } from './engine.ts';
import { STUN_ATTRIBUTES, STUN_TYPES } from './ice/stun-constants.ts';
import { type StunAttribute, encodeStunMessage } from './ice/stun-encoder.ts';
import { parseStunMessage } from './ice/stun-message.ts';
import { Stranger } from './testing/tapped-relay.ts';

const HOST = '127.0.0.1';
const DEADLINE = { timeout: 20_000, interval: 5 };
const AUDIO = { payload: Buffer.from('sound'), timestamp: 960 };
const REFUSALS_PER_SECOND = 50;
const FLOOD = 100_000;
const FLOOD_PORTS = 200;
const FLOOD_BATCH = 400;
/** After each of which memory is measured. */
const FLOODS = 4;
const MIB = 1024 * 1024;
/** Bytes; the pages of the process are its test's too, and the allocator's. */
const MAX_GROWTH = { heapUsed: 4 * MIB, external: 2 * MIB, arrayBuffers: 2 * MIB, rss: 32 * MIB };
const KINDS = ['heapUsed', 'external', 'arrayBuffers', 'rss'] as const;

vi.setConfig({ testTimeout: 120_000 });

let engine: SluiceEngine;
let peer: LoopbackPeer;
let attacker: Stranger;
let transport: RtcTransport;
let credentials: IceCredentials;
let username: string;

beforeEach(async () => {
  engine = await createRtcEngine({ port: 0, addresses: [HOST], maxStunRefusalsPerSecond: REFUSALS_PER_SECOND });
  attacker = await Stranger.open(engine.port);
  peer = new LoopbackPeer({ direction: 'sendonly', kinds: ['audio'] });
  transport = engine.createTransport();
  const answer = await transport.answer(await peer.createOffer(), receiveCapabilities());
  const value = (name: string): string => new RegExp(`a=${name}:(\\S+)`).exec(answer)?.[1] ?? '';
  credentials = { usernameFragment: value('ice-ufrag'), password: value('ice-pwd') };
  username = `${credentials.usernameFragment}:${transport.remoteUsernameFragment}`;
  await peer.acceptAnswer(answer);
  await sendUntil(() => transport.diagnosis().pair?.nominated === true && received() > 0);
});

afterEach(async () => {
  attacker.close();
  await peer.close();
  await engine.close();
});

function received(): number {
  return transport.inbound[0]?.stats().packetsReceived ?? 0;
}

async function sendUntil(done: () => boolean): Promise<void> {
  await vi.waitUntil(() => {
    peer.send('audio', AUDIO);
    return done();
  }, DEADLINE);
}

/** The session goes on where it was, which also shows that all that was sent before has been looked at. */
async function expectUnharmed(): Promise<void> {
  const start = received();
  await sendUntil(() => received() > start + 5);
  expect(transport.state).toBe('connected');
  expect(transport.diagnosis().pair?.remote.port).not.toBe(attacker.port);
}

function request(attributes: readonly StunAttribute[], { password = credentials.password, name = username, signed = true } = {}): Buffer {
  const all: StunAttribute[] = [[STUN_ATTRIBUTES.username, Buffer.from(name)], [STUN_ATTRIBUTES.priority, Buffer.from([110, 0, 30, 255])], ...attributes];
  return encodeStunMessage({ type: STUN_TYPES.bindingRequest, transactionId: randomBytes(12), attributes: all, password: signed ? password : undefined });
}

const NOMINATION: StunAttribute = [STUN_ATTRIBUTES.useCandidate, Buffer.alloc(0)];
const CONTROLLED: StunAttribute = [STUN_ATTRIBUTES.iceControlled, randomBytes(8)];

it.each<[string, () => Buffer, string]>([
  ['no credentials', () => request([NOMINATION], { signed: false }), '00000400'],
  ['a password that is wrong', () => request([NOMINATION], { password: 'guessed' }), '00000401'],
  ['a name that is unknown', () => request([NOMINATION], { name: `nobody:${transport.remoteUsernameFragment}` }), '00000401'],
  ['the name of another peer', () => request([NOMINATION], { name: `${credentials.usernameFragment}:nobody` }), '00000401'],
  ['the wrong role', () => request([NOMINATION, CONTROLLED]), '00000457'],
  ['an attribute that nobody knows', () => request([NOMINATION, [0x7777, Buffer.alloc(0)]]), '00000414'],
])('a nomination with %s is refused, in no more bytes than it had', async (_what, make, code) => {
  const datagram = make();
  attacker.send(datagram);
  await vi.waitUntil(() => attacker.received.length > 0, DEADLINE);
  const [answer] = attacker.received;
  expect(parseStunMessage(answer!)?.attribute(STUN_ATTRIBUTES.errorCode)?.toString('hex')).toBe(code);
  expect(answer!.length).toBeLessThanOrEqual(datagram.length);
  await expectUnharmed();
  expect(attacker.received).toHaveLength(1);
});

it('a nomination by somebody who has the password, with an address that is not his, moves nothing', async () => {
  const datagram = request([NOMINATION]);
  attacker.send(datagram);
  await vi.waitUntil(() => attacker.received.length >= 2, DEADLINE);
  await expectUnharmed();
  // An answer, and some questions that the owner of the address does not answer; never media.
  const kinds = attacker.received.map((answer) => parseStunMessage(answer)?.type);
  expect(new Set(kinds)).toEqual(new Set([STUN_TYPES.bindingSuccess, STUN_TYPES.bindingRequest]));
});

it('a flood of requests is answered only so often', async () => {
  for (let index = 0; index < 1000; index++) attacker.send(request([], { password: 'guessed' }));
  await vi.waitUntil(() => engine.stats().refusalsSent >= REFUSALS_PER_SECOND, DEADLINE);
  await expectUnharmed();
  await vi.waitUntil(() => (engine.stats().dropped['refusalsTooMany'] ?? 0) > 0, DEADLINE);
});

it('STUN that is cut off, too long or damaged harms nothing', async () => {
  const whole = request([NOMINATION]);
  const oversize = Buffer.concat([whole, Buffer.alloc(9000)]);
  for (let length = 1; length < whole.length; length++) attacker.send(whole.subarray(0, length));
  attacker.send(oversize);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (offset, byte) => {
      const damaged = Buffer.from(whole);
      damaged[offset] = byte;
      if (!damaged.equals(whole)) attacker.send(damaged);
    }),
  );
  await expectUnharmed();
  expect(engine.stats().dropped['malformedStun']).toBeGreaterThan(whole.length / 2);
});

it(`${2 * FLOOD} random datagrams from ${FLOOD_PORTS} ports leave the session alive and the memory flat`, async () => {
  const sockets = await openSockets(FLOOD_PORTS);
  // Until all that is bounded has reached its bounds.
  await flood(sockets, FLOOD);
  const before = memoryAfterCollection();
  for (let round = 0; round < FLOODS; round++) {
    await flood(sockets, FLOOD / FLOODS);
    const after = memoryAfterCollection();
    for (const kind of KINDS) expect(after[kind] - before[kind], kind).toBeLessThan(MAX_GROWTH[kind]);
  }
  for (const socket of sockets) socket.close();

  await expectUnharmed();
  expect(transport.diagnosis().checks.length).toBeLessThanOrEqual(32);
});

async function openSockets(count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => createSocket('udp4').bind(0, HOST));
  await Promise.all(sockets.map((socket) => once(socket, 'listening')));
  return sockets;
}

/** Until the engine has taken so many; others the kernel drops. */
async function flood(sockets: readonly Socket[], count: number): Promise<void> {
  const enough = engine.stats().packetsReceived + count;
  while (engine.stats().packetsReceived < enough) {
    for (let index = 0; index < FLOOD_BATCH; index++) sockets[index % sockets.length]?.send(randomDatagram(), engine.port, HOST);
    const arrived = engine.stats().packetsReceived;
    peer.send('audio', AUDIO);
    await vi.waitUntil(() => engine.stats().packetsReceived > arrived, DEADLINE);
  }
}

/** Half of them look like something: STUN for the session, DTLS, RTP, RTCP. */
function randomDatagram(): Buffer {
  const datagram = randomBytes(randomInt(1, 300));
  const kind = randomInt(8);
  if (kind === 0) return request([NOMINATION], { password: 'guessed' });
  if (kind === 1) datagram[0] = 22;
  if (kind === 2) datagram[0] = 128;
  if (kind === 3) datagram.set([128, 200].slice(0, datagram.length));
  return datagram;
}

/** What is held, in the heap and outside it. */
function memoryAfterCollection(): NodeJS.MemoryUsage {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage();
}
