import { randomBytes } from 'node:crypto';
import { type Socket as UdpSocket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { type RtcTransport, receiveCapabilities } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { LoopbackPeer } from '@sluice/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type SluiceEngine, createRtcEngine } from '../engine.ts';
import { STUN_ATTRIBUTES, STUN_TYPES } from '../ice/stun-constants.ts';
import { type StunAttribute, encodeBindingSuccess, encodeStunMessage } from '../ice/stun-encoder.ts';
import { type StunMessage, parseStunMessage } from '../ice/stun-message.ts';
import { FrameReader, encodeFrame } from './framing.ts';

const HOST = '127.0.0.1';
const DEADLINE = { timeout: 10_000, interval: 10 };
const USE_CANDIDATE: StunAttribute = [STUN_ATTRIBUTES.useCandidate, Buffer.alloc(0)];

vi.setConfig({ testTimeout: 30_000 });

let clock: FakeClock;
let engine: SluiceEngine;
let transport: RtcTransport;
let peer: LoopbackPeer;
let credentials: { readonly username: string; readonly password: string };
let peerPassword: string;
const clients: Socket[] = [];
let udp: UdpSocket;

beforeEach(async () => {
  udp = createSocket('udp4');
  udp.on('message', (datagram) => {
    const answer = answerTo(parseStunMessage(datagram));
    if (answer) udp.send(answer, engine.port, HOST);
  });
  clock = new FakeClock();
  engine = await createRtcEngine({ port: 0, addresses: [HOST], connectTimeoutMs: 1_000_000, clock });
  peer = new LoopbackPeer({ direction: 'sendonly', kinds: ['audio'] });
  transport = engine.createTransport();
  const offer = await peer.createOffer();
  const answer = await transport.answer(offer, receiveCapabilities());
  const value = (sdp: string, name: string): string => new RegExp(`a=${name}:(\\S+)`).exec(sdp)?.[1] ?? '';
  credentials = { username: `${value(answer, 'ice-ufrag')}:${value(offer, 'ice-ufrag')}`, password: value(answer, 'ice-pwd') };
  peerPassword = value(offer, 'ice-pwd');
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  udp.close();
  await peer.close();
  await engine.close();
});

function check(attributes: readonly StunAttribute[] = [], password = credentials.password): Buffer {
  return encodeStunMessage({
    type: STUN_TYPES.bindingRequest,
    transactionId: randomBytes(12),
    attributes: [[STUN_ATTRIBUTES.username, Buffer.from(credentials.username)], [STUN_ATTRIBUTES.priority, Buffer.from([110, 0, 30, 255])], ...attributes],
    password,
  });
}

/** The peer answers checks, as every full ICE agent does. */
function answerTo(message: StunMessage | undefined): Buffer | undefined {
  if (!message?.isBindingRequest) return undefined;
  return encodeBindingSuccess(message.transactionId, { address: HOST, port: engine.port }, peerPassword);
}

/** Lets the deadlines of connections pass, those of connections that are still to be accepted too. */
async function passDeadlines(connections: readonly Socket[]): Promise<void> {
  await vi.waitUntil(async () => {
    await clock.advance(5_000);
    return connections.every(({ closed }) => closed);
  }, DEADLINE);
}

async function open(): Promise<{ client: Socket; answers: StunMessage[] }> {
  const client = connect(engine.port, HOST);
  client.on('error', () => undefined);
  clients.push(client);
  const answers: StunMessage[] = [];
  const reader = new FrameReader((frame) => {
    const message = parseStunMessage(frame);
    const answer = answerTo(message);
    if (answer) client.write(encodeFrame(answer));
    else if (message) answers.push(message);
  });
  client.on('data', (data: Buffer) => reader.read(data));
  await once(client, 'connect');
  return { client, answers };
}

it('answers a check on the connection it came on, and keeps the connection as long as the session', async () => {
  const { client, answers } = await open();
  const request = check([USE_CANDIDATE]);
  const frame = encodeFrame(request);
  client.write(frame.subarray(0, 30));
  client.write(frame.subarray(30));

  await vi.waitUntil(() => answers.length === 1, DEADLINE);
  expect(answers[0]!.type).toBe(STUN_TYPES.bindingSuccess);
  expect(answers[0]!.transactionId).toEqual(request.subarray(8, 20));
  expect(answers[0]!.verifyIntegrity(credentials.password)).toBe(true);
  expect(transport.stats().remote).toEqual({ address: HOST, port: client.localPort });

  // A connection that is younger is cut, so that this one has outlived its deadline.
  const idle = await open();
  await passDeadlines([idle.client]);
  expect(client.closed).toBe(false);

  await transport.close();
  await vi.waitUntil(() => client.closed, DEADLINE);
});

it('refuses a check that is not authentic, and cuts the connection in the end', async () => {
  const { client, answers } = await open();
  client.write(encodeFrame(check([USE_CANDIDATE], 'wrong')));
  await passDeadlines([client]);
  expect(answers.map(({ type, hasIntegrity }) => [type, hasIntegrity])).toEqual([[STUN_TYPES.bindingError, false]]);
  expect(transport.stats().remote).toBeUndefined();
});

it('moves between UDP and TCP with the nomination', async () => {
  await new Promise<void>((resolve) => {
    udp.bind(0, HOST, resolve);
  });
  const remotePort = (): number | undefined => transport.stats().remote?.port;
  udp.send(check([USE_CANDIDATE]), engine.port, HOST);
  await expect.poll(remotePort, DEADLINE).toBe(udp.address().port);

  const { client } = await open();
  client.write(encodeFrame(check([USE_CANDIDATE])));
  await expect.poll(remotePort, DEADLINE).toBe(client.localPort);

  udp.send(check([USE_CANDIDATE]), engine.port, HOST);
  await expect.poll(remotePort, DEADLINE).toBe(udp.address().port);
});

it('lives on with a flood of connections that send garbage', async () => {
  const flood = Array.from({ length: 300 }, () => {
    const client = connect(engine.port, HOST);
    client.on('error', () => undefined);
    clients.push(client);
    client.write(encodeFrame(randomBytes(200)));
    client.write(randomBytes(5000));
    return client;
  });
  await passDeadlines(flood);
  const { tcpConnectionsRefused = 0, tcpConnectionsNotVerified = 0, tcpFramesOversize = 0 } = engine.stats().dropped;
  expect(tcpConnectionsRefused + tcpConnectionsNotVerified + tcpFramesOversize).toBe(flood.length);

  const { client, answers } = await open();
  client.write(encodeFrame(check()));
  await expect.poll(() => answers, DEADLINE).toHaveLength(1);
});
