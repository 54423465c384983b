import { randomBytes } from 'node:crypto';
import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type IceCredentials, type IceGeneration, type LocalTrack, parseCandidate, receiveCapabilities, sendCapabilities } from '@sluice/core';
import { LoopbackPeer } from '@sluice/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type SluiceEngine, createRtcEngine } from '../engine.ts';
import { STUN_ATTRIBUTES, STUN_TYPES } from '../ice/stun-constants.ts';
import { type StunAttribute, encodeBindingSuccess, encodeStunMessage } from '../ice/stun-encoder.ts';
import { parseStunMessage } from '../ice/stun-message.ts';

const DEADLINE = { timeout: 20_000, interval: 20 };
const KEYFRAME = Buffer.from('10000000009d012a80026801', 'hex');
const REMOTE: IceGeneration = { usernameFragment: 'fresh', password: '0123456789012345678901', candidates: [] };

let engine: SluiceEngine;
let peer: LoopbackPeer;
let elsewhere: HandMadePeer;

beforeEach(async () => {
  engine = await createRtcEngine({ port: 0, addresses: ['127.0.0.1'] });
  elsewhere = await HandMadePeer.open(engine.port);
});

afterEach(async () => {
  await Promise.all([peer.close(), elsewhere.close()]);
  await engine.close();
});

/** Sends checks with whatever credentials, from an address that the server has not seen. */
class HandMadePeer {
  /** Transaction ids of the answers, in hex. */
  readonly answered: string[] = [];
  mediaPackets = 0;
  readonly #socket: Socket;
  readonly #serverPort: number;

  static async open(serverPort: number): Promise<HandMadePeer> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new HandMadePeer(socket, serverPort);
  }

  private constructor(socket: Socket, serverPort: number) {
    this.#socket = socket;
    this.#serverPort = serverPort;
    socket.on('message', (datagram) => {
      const stun = parseStunMessage(datagram);
      if (stun?.isBindingRequest) this.#answer(stun.transactionId);
      if (stun?.type === STUN_TYPES.bindingSuccess) this.answered.push(stun.transactionId.toString('hex'));
      if ((datagram[0] ?? 0) >= 128) this.mediaPackets++;
    });
  }

  /** @returns the transaction id in hex */
  check(server: IceCredentials, remoteUsernameFragment: string, nominate = false): string {
    const transactionId = randomBytes(12);
    const attributes: StunAttribute[] = [
      [STUN_ATTRIBUTES.username, Buffer.from(`${server.usernameFragment}:${remoteUsernameFragment}`)],
      [STUN_ATTRIBUTES.priority, Buffer.from([110, 0, 30, 255])],
    ];
    if (nominate) attributes.push([STUN_ATTRIBUTES.useCandidate, Buffer.alloc(0)]);
    const request = encodeStunMessage({ type: STUN_TYPES.bindingRequest, transactionId, attributes, password: server.password });
    this.#socket.send(request, this.#serverPort, '127.0.0.1');
    return transactionId.toString('hex');
  }

  /** As every full ICE agent does. */
  #answer(transactionId: Buffer): void {
    const server = { address: '127.0.0.1', port: this.#serverPort };
    this.#socket.send(encodeBindingSuccess(transactionId, server, REMOTE.password), this.#serverPort, server.address);
  }

  async expectAnswer(transactionId: string): Promise<void> {
    await vi.waitUntil(() => this.answered.includes(transactionId), DEADLINE);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}

async function connectViewer() {
  const track = engine.createTrack({ kind: 'video', codec: { name: 'VP8', clockRate: 90_000, parameters: {} } });
  const transport = engine.createTransport();
  transport.send(track);
  peer = new LoopbackPeer({ direction: 'recvonly', kinds: ['video'] });
  const answer = await transport.answer(await peer.createOffer(), sendCapabilities());
  await peer.acceptAnswer(answer);
  await vi.waitUntil(() => transport.state === 'connected', DEADLINE);
  const before = { usernameFragment: lineOf(answer, 'ice-ufrag'), password: lineOf(answer, 'ice-pwd') };
  return { track, transport, answer, before, remoteBefore: transport.remoteUsernameFragment! };
}

function lineOf(sdp: string, name: string): string {
  return new RegExp(`^a=${name}:(.*)\r$`, 'm').exec(sdp)![1]!;
}

async function expectMedia(track: LocalTrack, read: () => number): Promise<void> {
  const start = read();
  await vi.waitUntil(() => {
    track.write({ payload: KEYFRAME, timestamp: 0, marker: true });
    return read() > start;
  }, DEADLINE);
}

it('stays on the old path until the peer nominates with the new credentials, then moves and forgets the old ones', async () => {
  const { track, transport, before, remoteBefore } = await connectViewer();
  const states: string[] = [];
  transport.onState((state) => states.push(state));
  await expectMedia(track, () => peer.received.length);

  const local = transport.restartIce(REMOTE);
  expect(transport.remoteUsernameFragment).toBe('fresh');
  await expectMedia(track, () => peer.received.length);

  await elsewhere.expectAnswer(elsewhere.check(local, 'fresh'));
  await elsewhere.expectAnswer(elsewhere.check(before, remoteBefore));
  await expectMedia(track, () => peer.received.length);
  expect(elsewhere.mediaPackets).toBe(0);

  await elsewhere.expectAnswer(elsewhere.check(local, 'fresh', true));
  await expectMedia(track, () => elsewhere.mediaPackets);

  const unanswered = elsewhere.check(before, remoteBefore, true);
  await elsewhere.expectAnswer(elsewhere.check(local, 'fresh'));
  expect(elsewhere.answered).not.toContain(unanswered);
  expect(states).toEqual([]);
});

it('gives new credentials and the candidates of the answer, with their m-line and their end', async () => {
  const { transport, answer, before } = await connectViewer();
  const { usernameFragment, password, candidates } = transport.restartIce(REMOTE);
  expect(usernameFragment).not.toBe(before.usernameFragment);
  expect(password).not.toBe(before.password);
  const offered = Array.from(answer.matchAll(/^a=candidate:(.*)\r$/gm), ([, value]) => value);
  expect(offered).not.toEqual([]);
  expect(candidates.map(({ candidate }) => candidate)).toEqual([...offered, '']);
  expect(new Set(candidates.map(({ mid }) => mid))).toEqual(new Set([lineOf(answer, 'mid')]));
  expect(parseCandidate(candidates[0]!.candidate).port).toBe(engine.port);
});

it.each([
  ['the username fragment in use', (inUse: string) => ({ ...REMOTE, usernameFragment: inUse }), 'ICE_GENERATION_STALE'],
  ['a candidate that is none', () => ({ ...REMOTE, candidates: [{ candidate: 'nonsense' }] }), 'CANDIDATE_MALFORMED'],
])('refuses %s, and goes on as before', async (_what, remote, code) => {
  const { track, transport, remoteBefore } = await connectViewer();
  expect(() => transport.restartIce(remote(remoteBefore))).toThrowError(expect.objectContaining({ code }));
  expect(transport.remoteUsernameFragment).toBe(remoteBefore);
  await expectMedia(track, () => peer.received.length);
});

it('refuses to go back to the generation before', async () => {
  const { transport, remoteBefore } = await connectViewer();
  const local = transport.restartIce(REMOTE);
  await elsewhere.expectAnswer(elsewhere.check(local, 'fresh', true));
  const back = { ...REMOTE, usernameFragment: remoteBefore };
  expect(() => transport.restartIce(back)).toThrowError(expect.objectContaining({ code: 'ICE_GENERATION_STALE' }));
});

it('is refused before an answer and after the end', async () => {
  peer = new LoopbackPeer({ direction: 'sendonly', kinds: ['audio'] });
  const transport = engine.createTransport();
  expect(() => transport.restartIce(REMOTE)).toThrowError(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
  await transport.answer(await peer.createOffer(), receiveCapabilities());
  await transport.close();
  expect(() => transport.restartIce(REMOTE)).toThrowError(expect.objectContaining({ code: 'SESSION_CLOSED' }));
});

it('leaves nothing behind that answers when the transport closes in the middle of it', async () => {
  const { transport, before, remoteBefore } = await connectViewer();
  const local = transport.restartIce(REMOTE);
  await transport.close();
  const unanswered = [elsewhere.check(local, 'fresh'), elsewhere.check(before, remoteBefore)];

  const other = new LoopbackPeer({ direction: 'sendonly', kinds: ['audio'] });
  const alive = engine.createTransport();
  const answer = await alive.answer(await other.createOffer(), receiveCapabilities());
  const credentials = { usernameFragment: lineOf(answer, 'ice-ufrag'), password: lineOf(answer, 'ice-pwd') };
  await elsewhere.expectAnswer(elsewhere.check(credentials, alive.remoteUsernameFragment!));
  await other.close();
  for (const transactionId of unanswered) expect(elsewhere.answered).not.toContain(transactionId);
});
