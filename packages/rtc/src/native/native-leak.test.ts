import { type MediaCapabilities, type RtcTransport, receiveCapabilities, sendCapabilities } from '@sluice/core';
import { LoopbackPeer, type LoopbackPeerOptions } from '@sluice/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type SluiceEngine, createRtcEngine } from '../engine.ts';
import { availableTiers } from '../testing/tiers.ts';

const KEYFRAME = Buffer.from('10000000009d012a80026801', 'hex');
const DEADLINE = { timeout: 20_000, interval: 20 };

const open = vi.hoisted(() => new Set<unknown>());

vi.mock('koffi', async (importOriginal) => {
  const original = await importOriginal<typeof import('koffi')>();
  return { ...original, load: (path: string | null) => counting(original.load(path)) };
});

/** Keeps the contexts that OpenSSL has made and nobody has freed. */
function counting(library: ReturnType<typeof import('koffi')['load']>) {
  const func = (name: string, result: string, parameters: string[]) => {
    const call: (...values: unknown[]) => unknown = library.func(name, result, parameters);
    if (name === 'EVP_CIPHER_CTX_new') {
      return () => {
        const context = call();
        open.add(context);
        return context;
      };
    }
    if (name !== 'EVP_CIPHER_CTX_free') return call;
    return (context: unknown) => {
      // What was freed twice would be somebody else's.
      if (!open.delete(context)) throw new Error('A context was freed that is not there.');
      call(context);
    };
  };
  return { func };
}

const peers: LoopbackPeer[] = [];
let engine: SluiceEngine | undefined;

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
  await engine?.close();
});

async function connect(running: SluiceEngine, options: LoopbackPeerOptions, capabilities: MediaCapabilities, prepare: (transport: RtcTransport) => void) {
  const peer = new LoopbackPeer({ kinds: ['video'], ...options });
  peers.push(peer);
  const transport = running.createTransport();
  prepare(transport);
  await peer.acceptAnswer(await transport.answer(await peer.createOffer(), capabilities));
  await vi.waitUntil(() => transport.state === 'connected', DEADLINE);
  return { peer, transport };
}

describe.runIf((await availableTiers()).includes('native'))('with the native tier', () => {
  it('a session that ends frees all that OpenSSL has made for it', async () => {
    const running = await createRtcEngine({ tier: 'native', port: 0, addresses: ['127.0.0.1'] });
    engine = running;
    expect(open.size).toBe(0);
    const publisher = await connect(running, { direction: 'sendonly' }, receiveCapabilities(), () => undefined);
    const viewer = await connect(running, { direction: 'recvonly' }, sendCapabilities(), (transport) => {
      for (const track of publisher.transport.inbound) transport.send(track);
    });
    await vi.waitUntil(() => {
      publisher.peer.send('video', { payload: KEYFRAME, timestamp: 0 });
      // One for RTP from the publisher and one for RTP to the viewer, and reports have their own.
      return viewer.peer.received.length > 2 && open.size > 2;
    }, DEADLINE);
    const ofBoth = open.size;

    await viewer.transport.close();
    expect(open.size).toBeLessThan(ofBoth);
    await publisher.transport.close();
    expect(open.size).toBe(0);
  });
});
