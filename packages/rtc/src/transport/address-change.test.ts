import { type RtcTransport, type TransportDiagnosis, receiveCapabilities, sendCapabilities } from '@sluice/core';
import { LoopbackPeer, createImpairedPath } from '@sluice/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SluiceEngine, createRtcEngine } from '../engine.ts';
import { parseStunMessage } from '../ice/stun-message.ts';
import { Stranger, TappedRelay, isMedia } from '../testing/tapped-relay.ts';

const DEADLINE = { timeout: 20_000, interval: 10 };
const AUDIO = { payload: Buffer.from('sound'), timestamp: 960 };

vi.setConfig({ testTimeout: 30_000 });

let engine: SluiceEngine;
let publisher: LoopbackPeer;
const closing: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  engine = await createRtcEngine({ port: 0, addresses: ['127.0.0.1'] });
  publisher = new LoopbackPeer({ direction: 'sendonly', kinds: ['audio'] });
  closing.push(() => publisher.close());
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await engine.close();
});

async function publish(lead: (answer: string) => string): Promise<RtcTransport> {
  const transport = engine.createTransport();
  await publisher.acceptAnswer(lead(await transport.answer(await publisher.createOffer(), receiveCapabilities())));
  await sendUntil(() => transport.diagnosis().pair?.nominated === true && received(transport) > 0);
  return transport;
}

function received(transport: RtcTransport): number {
  return transport.inbound[0]?.stats().packetsReceived ?? 0;
}

/** Whether media goes to a port that nothing came from before. */
function hasMoved(transport: RtcTransport, { checks }: TransportDiagnosis): boolean {
  const port = transport.diagnosis().pair?.remote.port;
  return checks.every((before) => before.port !== port);
}

async function sendUntil(done: () => boolean): Promise<void> {
  await vi.waitUntil(() => {
    publisher.send('audio', AUDIO);
    return done();
  }, DEADLINE);
}

describe('a peer whose port changes', () => {
  it('is followed by its media, before it has checked from there', async () => {
    const path = await createImpairedPath();
    closing.push(() => path.close());
    const transport = await publish((answer) => path.replaceCandidates(answer));
    const before = transport.diagnosis();

    await path.changePorts();
    await sendUntil(() => hasMoved(transport, before));

    const { state, pair, checks } = transport.diagnosis();
    expect(state).toBe('connected');
    expect(pair?.remote.address).toBe(before.pair?.remote.address);
    expect(checks.find(({ port }) => port === pair?.remote.port)?.accepted ?? 0).toBe(0);
    const start = received(transport);
    await sendUntil(() => received(transport) > start + 5);
  });

  it('is followed by what it is sent: a viewer\'s picture goes on', async () => {
    const source = await publish((answer) => answer);
    const path = await createImpairedPath();
    const viewer = new LoopbackPeer({ direction: 'recvonly', kinds: ['audio'] });
    closing.push(() => path.close(), () => viewer.close());
    const transport = engine.createTransport();
    for (const track of source.inbound) transport.send(track);
    await viewer.acceptAnswer(path.replaceCandidates(await transport.answer(await viewer.createOffer(), sendCapabilities())));
    await sendUntil(() => viewer.received.length > 5 && transport.diagnosis().pair?.nominated === true);

    const before = transport.diagnosis();
    await path.changePorts();
    await sendUntil(() => hasMoved(transport, before));
    const start = viewer.received.length;
    await sendUntil(() => viewer.received.length > start + 5);
    expect(transport.state).toBe('connected');
  });
});

describe('an attacker on the path', () => {
  let relay: TappedRelay;
  let attacker: Stranger;
  let transport: RtcTransport;

  beforeEach(async () => {
    [relay, attacker] = [await TappedRelay.open(engine.port), await Stranger.open(engine.port)];
    closing.push(() => relay.close(), () => attacker.close());
    transport = await publish((answer) => relay.lead(answer));
  });

  /** Everything that was sent before has been looked at. */
  async function settled(): Promise<void> {
    const start = received(transport);
    await sendUntil(() => received(transport) > start + 3);
  }

  function expectUnmoved(): void {
    expect(transport.diagnosis().pair).toMatchObject({ moves: 0, remote: { port: relay.port } });
    expect(transport.state).toBe('connected');
  }

  it('gains nothing by sending everything again that it heard', async () => {
    const { unknownAddress = 0 } = engine.stats().dropped;
    for (const datagram of relay.heard) attacker.send(datagram);
    await settled();
    expect(attacker.received).toEqual([]);
    expect(engine.stats().dropped['unknownAddress']).toBeGreaterThan(unknownAddress);
    expectUnmoved();
  });

  it('gets questions that it cannot answer, and no media, for a packet that it kept back', async () => {
    const start = relay.heard.length;
    relay.withhold = isMedia;
    await sendUntil(() => relay.heard.slice(start).some(isMedia));
    relay.withhold = () => false;
    attacker.send(relay.heard.slice(start).find(isMedia)!);

    await vi.waitUntil(() => attacker.received.length > 0, DEADLINE);
    await settled();
    expect(attacker.received.filter((datagram) => !parseStunMessage(datagram)?.isBindingRequest)).toEqual([]);
    expectUnmoved();
  });
});
