import { randomBytes } from 'node:crypto';
import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { silentLogger, systemClock } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { type MockInstance, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resolveEngineOptions } from '../../engine-options.ts';
import { MediaPort } from '../../media-port.ts';
import { createPacketCipher } from '../../srtp/create-packet-cipher.ts';
import { SRTP_PROFILES, type SrtpProfile } from '../../srtp/profiles.ts';
import { availableTiers } from '../../testing/tiers.ts';
import { chooseTier } from '../../tier.ts';
import { createOutbounds } from '../create-outbounds.ts';
import type { Outbound } from '../outbound.ts';
import type { Outbounds } from '../outbounds.ts';
import { PacketArena } from '../packet-arena.ts';
import { WorkerPool } from './worker-pool.ts';

const HEADER = Buffer.from('806000010000000200000003', 'hex');
const PROFILES = Object.keys(SRTP_PROFILES) as SrtpProfile[];
const DEADLINE = { timeout: 20_000, interval: 5 };
const hasNative = (await availableTiers()).includes('native');

// Threads start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let threads: MockInstance;
let port: MediaPort;
let outbounds: Outbounds;
let peer: Socket;
let received: Buffer[];

beforeEach(async () => {
  threads = vi.spyOn(Worker.prototype, 'unref');
  const options = resolveEngineOptions({ port: 0, addresses: ['127.0.0.1'], tcp: false, workers: 2 });
  port = await MediaPort.bind(options);
  outbounds = createOutbounds(options, await chooseTier('native', silentLogger), port);
  received = [];
  peer = createSocket('udp4').on('message', (message) => received.push(message));
  peer.bind(0, '127.0.0.1');
  await once(peer, 'listening');
  await vi.waitUntil(() => outbounds.workers?.counters.running === 2, DEADLINE);
});

afterEach(async () => {
  peer.close();
  await outbounds.workers?.close();
  await port.close();
  vi.restoreAllMocks();
});

function createOwner() {
  return { onPacketDropped: vi.fn(), onOutboundFailed: vi.fn() };
}

interface Viewer {
  readonly outbound: Outbound;
  readonly owner: ReturnType<typeof createOwner>;
  /** Sends a packet whose payload stands at this offset for all, or behind the header. */
  send(sequenceNumber: number, payload: string | { readonly offset: number; readonly bytes: number }): boolean;
  open(packet: Buffer): string | undefined;
}

function createViewer(profile: SrtpProfile): Viewer {
  const owner = createOwner();
  const { bytes } = outbounds.arena;
  const outbound = outbounds.join(owner, peer.address());
  const [key, salt] = [randomBytes(SRTP_PROFILES[profile].keyBytes), randomBytes(SRTP_PROFILES[profile].saltBytes)];
  const contextId = outbound.createContext(profile, key, salt).id;
  const destinationId = outbound.destinationOf(peer.address()).id;
  const cipher = createPacketCipher(profile, key, salt);
  return {
    outbound,
    owner,
    send(sequenceNumber, payload) {
      const slot = outbound.reserve();
      if (slot < 0) return false;
      bytes.set(HEADER, slot);
      bytes.writeUInt16BE(sequenceNumber, slot + 2);
      const behind = slot + HEADER.length;
      const place = typeof payload === 'string' ? { offset: behind, bytes: bytes.write(payload, behind) } : payload;
      outbound.add({ headerBytes: HEADER.length, payloadOffset: place.offset, payloadBytes: place.bytes, rolloverCounter: 0, contextId, destinationId }, owner);
      return true;
    },
    open: (packet) => cipher.unprotectRtp(packet, HEADER.length, 0)?.subarray(HEADER.length).toString(),
  };
}

describe.runIf(hasNative)('workers', () => {
  it.each(PROFILES)('seal with %s and send from the port what all viewers share and what each has alone', async (profile) => {
    const sources: number[] = [];
    peer.on('message', (_message, from) => sources.push(from.port));
    const viewers = [createViewer(profile), createViewer(profile), createViewer(profile)];
    const offset = outbounds.arena.allocate(64);
    for (let round = 0; round < 3; round++) {
      const bytes = outbounds.arena.bytes.write(`shared ${round}`, offset);
      for (const viewer of viewers) {
        expect(viewer.send(2 * round, { offset, bytes })).toBe(true);
        viewer.send(2 * round + 1, `alone ${round}`);
      }
      outbounds.flush();
    }
    await vi.waitUntil(() => received.length === 18, DEADLINE);
    for (const viewer of viewers) {
      const own = received.map((packet) => viewer.open(packet)).filter((payload) => payload !== undefined);
      expect(own).toEqual(['shared 0', 'alone 0', 'shared 1', 'alone 1', 'shared 2', 'alone 2']);
    }
    expect(new Set(sources)).toEqual(new Set([port.port]));
    expect(outbounds.workers?.counters.sent).toBe(18);
  });

  it('share the viewers between them', () => {
    const viewers = Array.from({ length: 4 }, () => createViewer('AEAD_AES_128_GCM'));
    const used = viewers.map(({ outbound }) => outbound);
    expect(new Set(used).size).toBe(2);
    expect(used.filter((outbound) => outbound === used[0])).toHaveLength(2);
  });

  it('take no more than their ring holds, and go on afterwards', async () => {
    const viewer = createViewer('AEAD_AES_128_GCM');
    const offset = outbounds.arena.allocate(1200);
    let taken = 0;
    // Without a flush the worker sees nothing of it; packets are small beside the payload, so each has one of its own.
    while (viewer.send(taken & 0xffff, 'x'.repeat(1200))) taken++;
    expect(taken).toBeGreaterThan(1000);
    expect(outbounds.workers?.counters.dropped.overflow).toBe(1);
    // The peer cannot hold all of that, and may lose what comes right behind it.
    await vi.waitUntil(() => {
      outbounds.flush();
      viewer.send(1, { offset, bytes: 4 });
      return received.some((packet) => packet.length === HEADER.length + 4 + 16);
    }, DEADLINE);
  });

  it('that crash end the sessions that they served and no others, and are replaced', async () => {
    const [first, second] = [createViewer('AEAD_AES_128_GCM'), createViewer('AEAD_AES_128_GCM')];
    const [thread] = threads.mock.contexts as Worker[];
    await thread!.terminate();
    await vi.waitUntil(() => first.owner.onOutboundFailed.mock.calls.length > 0, DEADLINE);
    expect(first.owner.onOutboundFailed.mock.calls).toEqual([[expect.stringContaining('crashed')]]);
    expect(first.send(1, 'too late')).toBe(false);
    expect(second.owner.onOutboundFailed).not.toHaveBeenCalled();
    second.send(1, 'goes on');
    outbounds.flush();
    await vi.waitUntil(() => received.length === 1, DEADLINE);
    await vi.waitUntil(() => outbounds.workers?.counters.running === 2, DEADLINE);
    expect(outbounds.workers?.counters.crashes).toBe(1);
    const third = createViewer('AEAD_AES_128_GCM');
    third.send(1, 'by the new one');
    outbounds.flush();
    await vi.waitUntil(() => received.some((packet) => third.open(packet) === 'by the new one'), DEADLINE);
  });

  it('are gone when they are closed, and are not taken for crashed', async () => {
    const viewer = createViewer('AEAD_AES_128_GCM');
    viewer.send(1, 'last words');
    await outbounds.workers?.close();
    await vi.waitUntil(() => received.length === 1, DEADLINE);
    expect(outbounds.workers?.counters).toMatchObject({ running: 0, crashes: 0, sent: 1 });
    expect(viewer.owner.onOutboundFailed).not.toHaveBeenCalled();
  });
});

it('a worker that hangs is ended as if it had crashed', async () => {
  const clock = new FakeClock();
  const script = new URL(`data:text/javascript,import { parentPort } from 'node:worker_threads'; parentPort.postMessage('ready'); for (;;);`);
  const pool = new WorkerPool({ workers: 1, arena: outbounds.arena, sockets: [], clock, logger: silentLogger, script });
  await vi.waitUntil(() => pool.counters.running === 1, DEADLINE);
  const owner = createOwner();
  const outbound = pool.join(owner);
  outbound?.destinationOf(peer.address());
  await clock.advance(2000);
  expect(owner.onOutboundFailed).not.toHaveBeenCalled();
  await clock.advance(2000);
  await vi.waitUntil(() => owner.onOutboundFailed.mock.calls.length > 0, DEADLINE);
  await pool.close();
});

it('a worker that fails at its end does not keep the pool from closing', async () => {
  const body = `import { parentPort, workerData } from 'node:worker_threads'; parentPort.postMessage('ready'); const stop = new Int32Array(workerData.stop); while (stop[0] === 0); throw new Error('at its end');`;
  const pool = new WorkerPool({ workers: 1, arena: outbounds.arena, sockets: [], clock: systemClock, logger: silentLogger, script: new URL(`data:text/javascript,${body}`) });
  await vi.waitUntil(() => pool.counters.running === 1, DEADLINE);
  await pool.close();
  expect(pool.counters).toMatchObject({ running: 0, crashes: 0 });
});

it('workers that crash again and again take no more of the arena', async () => {
  const clock = new FakeClock();
  const arena = new PacketArena({ bytes: 1024 * 1024 });
  const allocate = vi.spyOn(arena, 'allocate');
  const script = new URL(`data:text/javascript,process.exit(1)`);
  const pool = new WorkerPool({ workers: 1, arena, sockets: [], clock, logger: silentLogger, script });
  for (let crashes = 1; crashes <= 3; crashes++) {
    await vi.waitUntil(() => pool.counters.crashes === crashes, DEADLINE);
    await clock.advance(1000);
  }
  expect(allocate).toHaveBeenCalledOnce();
  await pool.close();
});
