import { randomBytes } from 'node:crypto';
import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { MemoryLogger } from '@sluice/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resolveEngineOptions } from '../engine-options.ts';
import { MediaPort } from '../media-port.ts';
import { PacketWiseSealer } from '../srtp/batch/packet-wise-sealer.ts';
import { createPacketCipher } from '../srtp/create-packet-cipher.ts';
import type { BatchSender } from '../udp/batch-sender.ts';
import { SingleSender } from '../udp/single-sender.ts';
import { OutboundQueue } from './outbound-queue.ts';
import { Outbounds } from './outbounds.ts';
import { PacketArena } from './packet-arena.ts';

const CAPACITY = 4;
const HEADER = Buffer.from('806000010000000200000003', 'hex');
const key = randomBytes(16);
const salt = randomBytes(12);
const arena = new PacketArena({ bytes: 1024 * 1024 });
const owner = { onPacketDropped: vi.fn(), onOutboundFailed: vi.fn() };

let port: MediaPort;
let peer: Socket;
let received: Buffer[];

beforeEach(async () => {
  owner.onPacketDropped.mockReset();
  port = await MediaPort.bind(resolveEngineOptions({ port: 0, addresses: ['127.0.0.1'], tcp: false }));
  received = [];
  peer = createSocket('udp4').on('message', (message) => received.push(message));
  peer.bind(0, '127.0.0.1');
  await once(peer, 'listening');
});

afterEach(async () => {
  peer.close();
  await port.close();
});

/** Puts a packet with this payload into the queue. */
function add(queue: OutboundQueue, payload: string, ids: { readonly contextId: number; readonly destinationId: number }): boolean {
  const slot = queue.reserve();
  if (slot < 0) return false;
  arena.bytes.set(HEADER, slot);
  const payloadOffset = slot + HEADER.length;
  const payloadBytes = arena.bytes.write(payload, payloadOffset);
  queue.add({ headerBytes: HEADER.length, payloadOffset, payloadBytes, rolloverCounter: 0, ...ids }, owner);
  return true;
}

function open(packet: Buffer): string | undefined {
  return createPacketCipher('AEAD_AES_128_GCM', key, salt).unprotectRtp(packet, HEADER.length, 0)?.subarray(HEADER.length).toString();
}

describe('the queue', () => {
  it('seals and sends in order: a full batch by itself, the rest when it is flushed', async () => {
    const queue = new OutboundQueue({ arena, sealer: new PacketWiseSealer(), sender: new SingleSender(port), capacity: CAPACITY });
    const contextId = queue.createContext('AEAD_AES_128_GCM', key, salt).id;
    const destinationId = queue.destinationOf(peer.address()).id;
    for (const payload of ['a', 'bb', 'ccc', 'd', 'e']) add(queue, payload, { contextId, destinationId });
    await vi.waitUntil(() => received.length === CAPACITY);
    queue.flush();
    await vi.waitUntil(() => received.length === CAPACITY + 1);
    expect(received.map(open)).toEqual(['a', 'bb', 'ccc', 'd', 'e']);
    queue.flush();
    expect(port.udp.counters.sent).toBe(CAPACITY + 1);
    expect(owner.onPacketDropped).not.toHaveBeenCalled();
  });

  it('tells the owner of a packet that was not sent', () => {
    const queue = new OutboundQueue({ arena, sealer: new PacketWiseSealer(), sender: new SingleSender(port), capacity: CAPACITY });
    const contextId = queue.createContext('AEAD_AES_128_GCM', key, salt).id;
    const gone = queue.destinationOf(peer.address());
    gone.close();
    add(queue, 'nobody is there', { contextId, destinationId: gone.id });
    queue.flush();
    expect(owner.onPacketDropped.mock.calls).toEqual([[HEADER.length + 'nobody is there'.length + 16]]);
  });

  it('lets go of packets that could not be sealed, and seals none of them twice', async () => {
    const queue = new OutboundQueue({ arena, sealer: new PacketWiseSealer(), sender: new SingleSender(port), capacity: CAPACITY });
    const contextId = queue.createContext('AEAD_AES_128_GCM', key, salt).id;
    const destinationId = queue.destinationOf(peer.address()).id;
    add(queue, 'before', { contextId, destinationId });
    add(queue, 'with no context', { contextId: contextId + 1, destinationId });
    const logger = new MemoryLogger();
    new Outbounds({ arena, local: queue, workers: undefined, logger }).flush();
    expect(logger.lines).toHaveLength(1);
    add(queue, 'after', { contextId, destinationId });
    queue.flush();
    await vi.waitUntil(() => received.length > 0);
    expect(received.map(open)).toEqual(['after']);
  });

  it('takes nothing while the system still reads what was sent last', () => {
    const sender: BatchSender = { busy: true, destinationOf: () => ({ id: 0, close: () => undefined }), send: () => 0 };
    const queue = new OutboundQueue({ arena, sealer: new PacketWiseSealer(), sender, capacity: CAPACITY });
    expect(add(queue, 'a', { contextId: 0, destinationId: 0 })).toBe(false);
  });
});
