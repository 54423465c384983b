import { type Codec, type LocalTrack, type RtcTransport, type RtpPacketCopy, receiveCapabilities, sendCapabilities } from '@sluice/core';
import { LoopbackPeer } from '@sluice/testing';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type SluiceEngine, createRtcEngine } from '../engine.ts';

const DEADLINE = { timeout: 20_000, interval: 20 };
const KEYFRAME = Buffer.from('10000000009d012a80026801', 'hex');
const VP8: Codec = { name: 'VP8', clockRate: 90_000, parameters: {} };

let puller: SluiceEngine;
let origin: SluiceEngine;

beforeEach(async () => {
  puller = await createRtcEngine({ port: 0, addresses: ['127.0.0.1'], disconnectedAfterMs: 3_000, closedAfterMs: 6_000 });
  origin = await createRtcEngine({ port: 0, addresses: ['127.0.0.1'] });
});

afterEach(async () => {
  await Promise.all([puller.close(), origin.close()]);
});

async function pull(track: LocalTrack): Promise<{ puller: RtcTransport; origin: RtcTransport; received: RtpPacketCopy[] }> {
  const here = puller.createTransport({ ice: 'full' });
  const there = origin.createTransport();
  const received: RtpPacketCopy[] = [];
  here.onTrack((inbound) => inbound.onRtp((packet) => received.push(packet)));
  there.send(track);
  const offer = await here.offer({ video: receiveCapabilities().video });
  expect(offer).not.toContain('a=ice-lite');
  await here.accept(await there.answer(offer, sendCapabilities()));
  return { puller: here, origin: there, received };
}

it('one server pulls media from another, both of which would otherwise wait for the other', async () => {
  const track = origin.createTrack({ kind: 'video', codec: VP8 });
  const sides = await pull(track);
  await vi.waitUntil(() => sides.puller.state === 'connected' && sides.origin.state === 'connected', DEADLINE);
  await vi.waitUntil(() => {
    track.write({ payload: KEYFRAME, timestamp: 3000, marker: true });
    return sides.received.length > 0;
  }, DEADLINE);
  expect(sides.received[0]?.keyframe).toBe(true);
  expect(sides.puller.diagnosis().pair).toMatchObject({ nominated: true, remote: { address: '127.0.0.1', port: origin.port } });
});

it('its checks keep a peer that sends and hears nothing else', { timeout: 20_000 }, async () => {
  const sides = await pull(origin.createTrack({ kind: 'video', codec: VP8 }));
  const states: string[] = [];
  for (const side of [sides.puller, sides.origin]) side.onState((state) => states.push(state));
  await vi.waitUntil(() => sides.puller.state === 'connected' && sides.origin.state === 'connected', DEADLINE);
  const checksBefore = sides.origin.diagnosis().checks[0]?.accepted ?? 0;
  await vi.waitUntil(() => (sides.origin.diagnosis().checks[0]?.accepted ?? 0) >= checksBefore + 2, DEADLINE);
  expect(states.filter((state) => state === 'disconnected' || state === 'closed')).toEqual([]);
});

it('notices that the other server has gone', async () => {
  const sides = await pull(origin.createTrack({ kind: 'video', codec: VP8 }));
  await vi.waitUntil(() => sides.puller.state === 'connected', DEADLINE);
  await sides.origin.close('restart');
  await expect.poll(() => sides.puller.state, DEADLINE).toBe('closed');
});

it('reaches a peer that makes checks of its own as well', async () => {
  const transport = puller.createTransport({ ice: 'full' });
  const track = puller.createTrack({ kind: 'video', codec: VP8 });
  transport.send(track);
  const peer = new LoopbackPeer({ direction: 'recvonly', kinds: ['video'] });
  onTestFinished(() => peer.close());
  await transport.accept(await peer.createAnswer(await transport.offer({ video: sendCapabilities().video })));
  await vi.waitUntil(() => transport.state === 'connected', DEADLINE);
  const receivedOf = (): number => {
    track.write({ payload: KEYFRAME, timestamp: 3000, marker: true });
    return peer.received.length;
  };
  await expect.poll(receivedOf, DEADLINE).toBeGreaterThan(0);
});

it('says that nobody answered its checks', async () => {
  await puller.close();
  puller = await createRtcEngine({ port: 0, addresses: ['127.0.0.1'], connectTimeoutMs: 300 });
  const transport = puller.createTransport({ ice: 'full' });
  const there = origin.createTransport();
  let reason: string | undefined;
  transport.onState((state, why) => (state === 'closed' ? (reason = why) : undefined));
  there.send(origin.createTrack({ kind: 'video', codec: VP8 }));
  const answer = await there.answer(await transport.offer({ video: receiveCapabilities().video }), sendCapabilities());
  await there.close();
  await transport.accept(answer);
  await vi.waitUntil(() => reason !== undefined, DEADLINE);
  expect(reason).toContain('answered our connectivity checks');
});
