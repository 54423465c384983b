import { type MediaCapabilities, type RtcTransport, receiveCapabilities, sendCapabilities, sendReceiveCapabilities } from '@sluice/core';
import { LoopbackPeer, type LoopbackPeerOptions } from '@sluice/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SluiceEngine, createRtcEngine } from './engine.ts';
import { availableTiers } from './testing/tiers.ts';

const KEYFRAME = Buffer.from('10000000009d012a80026801', 'hex');
const DEADLINE = { timeout: 20_000, interval: 20 };

let engine: SluiceEngine;
const peers: LoopbackPeer[] = [];

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
  await engine.close();
});

async function connect(options: LoopbackPeerOptions, capabilities: MediaCapabilities, prepare: (transport: RtcTransport) => void = () => undefined) {
  const peer = new LoopbackPeer(options);
  peers.push(peer);
  const transport = engine.createTransport();
  prepare(transport);
  await peer.acceptAnswer(await transport.answer(await peer.createOffer(), capabilities));
  await vi.waitUntil(() => transport.state === 'connected', DEADLINE);
  return { peer, transport };
}

function publish(options: Partial<LoopbackPeerOptions> = {}) {
  return connect({ direction: 'sendonly', ...options }, receiveCapabilities());
}

function play(publisher: RtcTransport, options: Partial<LoopbackPeerOptions> = {}) {
  return connect({ direction: 'recvonly', ...options }, sendCapabilities(), (transport) => {
    for (const track of publisher.inbound) transport.send(track);
  });
}

describe.each(await availableTiers())('an engine of the %s tier', (tier) => {
  beforeEach(async () => {
    engine = await createRtcEngine({ tier, port: 0, addresses: ['127.0.0.1'], disconnectedAfterMs: 300, closedAfterMs: 900, connectTimeoutMs: 10_000 });
  });

  it('forwards a publisher\'s packets to a viewer as one continuous stream', async () => {
    const publisher = await publish();
    const viewer = await play(publisher.transport);
    publisher.peer.send('video', { payload: KEYFRAME, timestamp: 1000 });
    for (let index = 1; index <= 20; index++) {
      publisher.peer.send('video', { payload: Buffer.from([0x10, 1, index]), timestamp: 1000 + 3000 * index });
      publisher.peer.send('audio', { payload: Buffer.from([index]), timestamp: 960 * index });
    }
    await vi.waitUntil(() => viewer.peer.received.length >= 41, DEADLINE);
    const video = viewer.peer.received.filter(({ kind }) => kind === 'video');
    expect(video.map(({ payload }) => payload.at(-1))).toEqual([1, ...Array.from({ length: 20 }, (_, index) => index + 1)]);
    const [first] = video;
    expect(video.map(({ timestamp }) => (timestamp - first!.timestamp) >>> 0)).toEqual(video.map((_, index) => 3000 * index));
    expect(video.map(({ sequenceNumber }) => (sequenceNumber - first!.sequenceNumber) & 0xffff)).toEqual(video.map((_, index) => index));
    expect(new Set(publisher.transport.inbound.map(({ codec }) => codec?.name))).toEqual(new Set(['VP8', 'opus']));
  });

  it('passes on all that a fast publisher sends, in order, also once it stops waiting to be woken', async () => {
    const publisher = await publish({ kinds: ['audio'] });
    const viewer = await play(publisher.transport, { kinds: ['audio'] });
    let sent = 0;
    await vi.waitUntil(() => {
      if (sent < 400) for (let burst = 0; burst < 5; burst++) publisher.peer.send('audio', { payload: Buffer.from(String(sent)), timestamp: 960 * sent++ });
      return viewer.peer.received.length === 400;
    }, { ...DEADLINE, interval: 5 });
    expect(viewer.peer.received.map(({ payload }) => Number(Buffer.from(payload).toString()))).toEqual(Array.from({ length: 400 }, (_, index) => index));
    expect(publisher.transport.inbound[0]!.stats()).toMatchObject({ packetsReceived: 400, packetsLost: 0 });
  });

  it('sends a peer its own media back', async () => {
    const { peer } = await connect({ direction: 'sendrecv', kinds: ['audio'] }, sendReceiveCapabilities(), (transport) => {
      transport.onTrack((track) => transport.send(track));
    });
    await vi.waitUntil(() => {
      peer.send('audio', { payload: Buffer.from('ping'), timestamp: 960 });
      return peer.received.length > 0;
    }, DEADLINE);
    expect(Buffer.from(peer.received[0]!.payload).toString()).toBe('ping');
  });

  it('carries data channels that either side opens', async () => {
    const received: unknown[] = [];
    const { peer, transport } = await connect({ direction: 'sendonly', kinds: ['audio'], channel: 'chat' }, receiveCapabilities(), (created) => {
      created.onDataChannel((channel) => channel.onMessage((message) => received.push(channel.label, message)));
    });
    await vi.waitUntil(() => peer.channelOpen && transport.dataChannels.length === 1, DEADLINE);
    peer.sendMessage('hello');
    await vi.waitUntil(() => received.length > 0, DEADLINE);
    expect(received).toEqual(['chat', 'hello']);
    expect(transport.dataChannels[0]!.send('and back')).toBe(true);
    await vi.waitUntil(() => peer.messages.length > 0, DEADLINE);
    expect(peer.messages).toEqual(['and back']);
  });

  describe('liveness', () => {
    it('closes a peer that vanished, after saying that it is silent', async () => {
      const states: [string, string | undefined][] = [];
      const { peer } = await connect({ direction: 'sendonly', kinds: ['audio'] }, receiveCapabilities(), (transport) => {
        transport.onState((state, reason) => states.push([state, reason]));
      });
      // Consent checks would keep it alive, so the peer must really go.
      await peer.vanish();
      await vi.waitUntil(() => states.at(-1)?.[0] === 'closed', DEADLINE);
      expect(states.map(([state]) => state)).toEqual(['connecting', 'connected', 'disconnected', 'closed']);
      expect(states.at(-1)?.[1]).toBe('the peer was silent for 900 ms');
      expect(engine.transportCount).toBe(0);
    });

    it('keeps a viewer that has nothing to say, whose own checks are further apart than the silence that is allowed', { timeout: 30_000 }, async () => {
      const { transport } = await connect({ direction: 'recvonly', kinds: ['audio'] }, sendCapabilities());
      const accepted = (): number => transport.diagnosis().checks.reduce((sum, check) => sum + check.accepted, 0);
      await vi.waitUntil(() => transport.diagnosis().pair?.nominated === true, DEADLINE);
      const before = accepted();
      await vi.waitUntil(() => transport.state === 'closed' || accepted() > before, DEADLINE);
      expect(transport.diagnosis().reason).toBeUndefined();
    });

    it('outlives a plugin that throws when a track ends', async () => {
      const { peer, transport } = await connect({ direction: 'sendonly', kinds: ['audio'] }, receiveCapabilities());
      transport.inbound[0]!.onEnded(() => {
        throw new Error('the plugin failed');
      });
      await peer.vanish();
      await vi.waitUntil(() => transport.state === 'closed', DEADLINE);
      expect(engine.transportCount).toBe(0);
    });

    it('closes a transport whose peer never comes', async () => {
      await engine.close();
      engine = await createRtcEngine({ tier, port: 0, addresses: ['127.0.0.1'], connectTimeoutMs: 100 });
      const peer = new LoopbackPeer({ direction: 'sendonly', kinds: ['audio'] });
      peers.push(peer);
      const transport = engine.createTransport();
      let why: string | undefined;
      transport.onState((_, reason) => {
        why = reason;
      });
      await transport.answer(await peer.createOffer(), receiveCapabilities());
      await vi.waitUntil(() => transport.state === 'closed', DEADLINE);
      expect(why).toContain(`no connectivity check came from it; it must reach one of 127.0.0.1:${engine.port}`);
      expect(engine.transportCount).toBe(0);
    });
  });

  describe('closing', () => {
    it('ends the tracks, and a transport that is closed takes no offer', async () => {
      const { transport } = await publish({ kinds: ['video'] });
      const [track] = transport.inbound;
      await transport.close('enough');
      await transport.close('twice');
      expect(track!.ended).toBe(true);
      await expect(transport.answer('v=0', receiveCapabilities())).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
    });

    it('of the engine closes everything and frees the port', async () => {
      const { transport } = await publish({ kinds: ['audio'] });
      await engine.close();
      expect(transport.state).toBe('closed');
      expect(() => engine.createTransport()).toThrowError(expect.objectContaining({ code: 'ENGINE_CLOSED' }));
      const again = await createRtcEngine({ tier, port: engine.port, addresses: ['127.0.0.1'] });
      expect(again.port).toBe(engine.port);
      await again.close();
    });
  });

  it('refuses an offer that is none, and stays usable for the next peer', async () => {
    const transport = engine.createTransport();
    await expect(transport.answer('garbage', receiveCapabilities())).rejects.toMatchObject({ code: 'OFFER_MALFORMED' });
    await transport.close();
    await publish({ kinds: ['audio'] });
  });

  it('refuses a track of another engine', () => {
    const foreign = { id: 'x', kind: 'video' } as never;
    expect(() => engine.createTransport().send(foreign)).toThrowError(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
  });

  it('makes an offer that a peer answers, and sends by it', async () => {
    const local = engine.createTrack({ kind: 'video', codec: { name: 'VP8', clockRate: 90_000, parameters: {} } });
    const transport = engine.createTransport();
    transport.send(local);
    const { audio: _, ...videoOnly } = sendCapabilities();
    const peer = LoopbackPeer.answering();
    peers.push(peer);
    await transport.accept(await peer.createAnswer(await transport.offer(videoOnly)));
    await vi.waitUntil(() => transport.state === 'connected', DEADLINE);
    await vi.waitUntil(() => {
      local.write({ payload: KEYFRAME, timestamp: 0, marker: true });
      return peer.received.length > 0;
    }, DEADLINE);
    expect(Buffer.from(peer.received[0]!.payload)).toEqual(KEYFRAME);
  });
});
