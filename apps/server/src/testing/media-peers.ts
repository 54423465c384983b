import { type ServerConfig, parseConfig } from '@sluice/config';
import { silentLogger } from '@sluice/core';
import { LoopbackPeer } from '@sluice/testing';
import { onTestFinished, vi } from 'vitest';
import { startServer } from '../server.ts';
import type { RunningServer } from '../running-server.ts';

/** For what real connections and packets take on a busy machine. */
export const DEADLINE = { timeout: 20_000, interval: 20 };

/** A VP8 payload descriptor with the start of a keyframe of 640 × 360. */
const KEYFRAME = Buffer.from('10000000009d012a80026801', 'hex');
const OTHER_FRAME = Buffer.from('1001000000', 'hex');

/** For a server with media plane, on free ports of this machine. */
export function mediaConfig(input: object = {}): ServerConfig {
  return parseConfig({ http: { port: 0 }, rtc: { port: 0, addresses: ['127.0.0.1'], tier: 'portable' }, demo: false, ...input });
}

/** A server of {@link mediaConfig}, until the test ends. */
export async function startMediaServer(input: object = {}): Promise<RunningServer> {
  const server = await startServer(mediaConfig(input), { logger: silentLogger });
  onTestFinished(() => server.close());
  return server;
}

/** Connects a peer with one video track, which is closed when the test ends. */
export async function connectPeer(direction: 'sendonly' | 'recvonly', url: string): Promise<LoopbackPeer> {
  const peer = new LoopbackPeer({ direction, kinds: ['video'] });
  onTestFinished(() => peer.close());
  await peer.connect(url);
  await vi.waitUntil(() => peer.state === 'connected', DEADLINE);
  return peer;
}

/** Sends one frame that ends in `mark`. */
export function sendFrame(publisher: LoopbackPeer, mark: number, { key = true } = {}): void {
  publisher.send('video', { payload: Buffer.concat([key ? KEYFRAME : OTHER_FRAME, Buffer.of(mark)]), timestamp: 3000 * mark });
}

/** The marks of what the peer has received, in order. */
export function marksAt({ received }: LoopbackPeer): number[] {
  return received.map(({ payload }) => payload.at(-1) ?? -1);
}

/** Sends keyframes with this mark until the viewer has one. */
export async function showKeyframe(publisher: LoopbackPeer, viewer: LoopbackPeer, mark: number): Promise<void> {
  await vi.waitUntil(() => {
    sendFrame(publisher, mark);
    return marksAt(viewer).includes(mark);
  }, DEADLINE);
}
