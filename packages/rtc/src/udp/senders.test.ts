import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { MediaError } from '@sluice/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { resolveEngineOptions } from '../engine-options.ts';
import { MediaPort } from '../media-port.ts';
import { ERRNO } from '../native/errno.ts';
import { type NativeEnvironment, createNativeEnvironment } from '../native/native-environment.ts';
import { loadNativeLibrary } from '../native/native-functions.ts';
import { PacketArena } from '../outbound/packet-arena.ts';
import { PacketBatch, SLOT_BYTES } from '../outbound/packet-batch.ts';
import type { BatchSender } from './batch-sender.ts';
import { NativeSender } from './native-sender.ts';
import type { PeerAddress } from './peer-address.ts';
import { SingleSender } from './single-sender.ts';

const library = await loadNativeLibrary();
const arena = new PacketArena({ bytes: 4 * 1024 * 1024 });
const environment = typeof library === 'string' ? undefined : createNativeEnvironment(library, arena);
const CAPACITY = 200;

/** Every sender has to pass all of this. */
const SENDERS: readonly (readonly [name: string, create: (port: MediaPort) => BatchSender])[] = [
  ['single', (port) => new SingleSender(port)],
  ...(environment ? [['native', (port: MediaPort) => new NativeSender(environment, port, CAPACITY)] as const] : []),
];
const hasIpv6 = Object.values(networkInterfaces()).some((infos) => infos?.some(({ address }) => address === '::1'));

const batch = new PacketBatch(arena, CAPACITY);
const cleanUp: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(cleanUp.splice(0).map((close) => close()));
});

async function bind(addresses?: readonly string[]): Promise<MediaPort> {
  const port = await MediaPort.bind(resolveEngineOptions({ port: 0, addresses, tcp: false }));
  cleanUp.push(() => port.close());
  return port;
}

interface Peer extends PeerAddress {
  readonly received: Buffer[];
  readonly senders: Set<string>;
  close(): void;
}

async function openPeer(address = '127.0.0.1'): Promise<Peer> {
  const socket: Socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 1024 * 1024 });
  const received: Buffer[] = [];
  const senders = new Set<string>();
  socket.on('message', (message, from) => {
    received.push(message);
    senders.add(`${from.address} ${from.port}`);
  });
  socket.bind(0, address);
  await once(socket, 'listening');
  let isOpen = true;
  const close = (): void => {
    if (isOpen) socket.close();
    isOpen = false;
  };
  cleanUp.push(async () => close());
  return { address, port: socket.address().port, received, senders, close };
}

/** A batch of packets with these lengths, each with bytes of its own. */
function fill(packets: readonly (readonly [destinationId: number, bytes: number])[]): Buffer[] {
  batch.count = 0;
  return packets.map(([destinationId, bytes]) => {
    const index = batch.count++;
    const slot = batch.slotOffset(index);
    for (let at = slot; at < slot + SLOT_BYTES; at++) arena.bytes[at] = at * 31 + index;
    batch.destinationId[index] = destinationId;
    batch.sealedBytes[index] = bytes;
    batch.dropped[index] = 7;
    return Buffer.from(arena.bytes.subarray(slot, slot + bytes));
  });
}

function droppedPackets(): number[] {
  return [...batch.dropped.subarray(0, batch.count)];
}

/** With what comes last it has everything, because the loopback device keeps the order. */
async function expectToReceive(peer: Peer, packets: readonly Buffer[]): Promise<void> {
  await expect.poll(() => peer.received.length).toBe(packets.length);
  expect(peer.received.map((packet) => packet.toString('hex'))).toEqual(packets.map((packet) => packet.toString('hex')));
}

describe.each(SENDERS)('the %s sender', (_name, create) => {
  it.each(['127.0.0.1', ...(hasIpv6 ? ['::1'] : [])])('sends packets of any lengths to %s, in order', async (address) => {
    const port = await bind();
    const [peer, sender] = [await openPeer(address), create(port)];
    const { id } = sender.destinationOf(peer);
    const lengths = [1200, 1200, 1200, 300, 1200, 1200, 80, 81, 80, 80, 1, 1500, 1500];
    const packets = fill(lengths.map((bytes) => [id, bytes]));

    expect(sender.send(batch)).toBe(0);

    await expectToReceive(peer, packets);
    expect(droppedPackets()).toEqual(lengths.map(() => 0));
    expect(port.udp.counters.sent).toBe(lengths.length);
  });

  it('sends more packets of one length than go into one message', async () => {
    const port = await bind(['127.0.0.1']);
    const [peer, sender] = [await openPeer(), create(port)];
    const { id } = sender.destinationOf(peer);
    const packets = fill(Array.from({ length: CAPACITY }, () => [id, 1200]));

    expect(sender.send(batch)).toBe(0);

    await expectToReceive(peer, packets);
  });

  it('sends to several peers of both families in one batch', async () => {
    const port = await bind();
    const peers = await Promise.all(['127.0.0.1', '127.0.0.1', hasIpv6 ? '::1' : '127.0.0.1', '127.0.0.1'].map((address) => openPeer(address)));
    const sender = create(port);
    const ids = peers.map((peer) => sender.destinationOf(peer).id);
    const packets = fill(ids.flatMap((id) => [[id, 1000], [id, 1000], [id, 999]]));

    expect(sender.send(batch)).toBe(0);

    await Promise.all(peers.map((peer, index) => expectToReceive(peer, packets.slice(3 * index, 3 * index + 3))));
  });

  it.runIf(process.platform === 'linux')('leaves from the address that the peer wrote to', async () => {
    const port = await bind(['127.0.0.1', '127.0.0.2']);
    const [peer, sender] = [await openPeer(), create(port)];
    const { id } = sender.destinationOf({ address: peer.address, port: peer.port, localAddress: '127.0.0.2' });
    const packets = fill([[id, 100], [id, 100]]);

    expect(sender.send(batch)).toBe(0);

    await expectToReceive(peer, packets);
    expect([...peer.senders]).toEqual([`127.0.0.2 ${port.port}`]);
  });

  it('sends over the connection of a peer that has one', async () => {
    const port = await bind(['127.0.0.1']);
    const [peer, sender] = [await openPeer(), create(port)];
    const frames: Buffer[] = [];
    const connection = { send: (data: Uint8Array) => frames.push(Buffer.from(data)) < 2, verified: () => undefined, close: () => undefined };
    const overTcp = sender.destinationOf({ address: '127.0.0.1', port: 9, connection });
    const overUdp = sender.destinationOf(peer);
    const packets = fill([[overUdp.id, 50], [overTcp.id, 60], [overTcp.id, 60], [overUdp.id, 50]]);

    expect(sender.send(batch)).toBe(1);

    expect(frames).toEqual(packets.slice(1, 3));
    expect(droppedPackets()).toEqual([0, 0, 1, 0]);
    await expectToReceive(peer, [packets[0]!, packets[3]!]);
  });

  it('drops packets to a peer that is none, and sends the others', async () => {
    const port = await bind(['127.0.0.1']);
    const [peer, sender] = [await openPeer(), create(port)];
    const gone = sender.destinationOf({ address: '127.0.0.1', port: 9 });
    const { id } = sender.destinationOf(peer);
    gone.close();
    const packets = fill([[gone.id, 10], [id, 20], [gone.id, 10]]);

    expect(sender.send(batch)).toBe(2);

    expect(droppedPackets()).toEqual([1, 0, 1]);
    await expectToReceive(peer, [packets[1]!]);
  });

  it('sends on to others when nobody listens at one peer’s port any more', async () => {
    const port = await bind(['127.0.0.1']);
    const [gone, peer, sender] = [await openPeer(), await openPeer(), create(port)];
    gone.close();
    const ids = [gone, peer].map((to) => sender.destinationOf(to).id);
    const expected: Buffer[] = [];
    for (let round = 1; round <= 3; round++) {
      const packets = fill([[ids[0]!, 500], [ids[0]!, 500], [ids[1]!, 500], [ids[1]!, 500]]);
      sender.send(batch);
      expected.push(...packets.slice(2));
      await expect.poll(() => peer.received.length).toBe(2 * round);
    }
    await expectToReceive(peer, expected);
  });

  it('counts what the system refuses, and sends the others', async () => {
    const port = await bind(['127.0.0.1']);
    const [peer, sender] = [await openPeer(), create(port)];
    const refused = sender.destinationOf({ address: '127.0.0.1', port: 0 });
    const { id } = sender.destinationOf(peer);
    const packets = fill([[id, 20], [refused.id, 30], [refused.id, 30], [id, 20]]);

    expect(sender.send(batch)).toBe(2);

    expect(port.udp.counters).toMatchObject({ sent: 2, dropped: { refused: 2 } });
    expect(droppedPackets()).toEqual([0, 1, 1, 0]);
    await expectToReceive(peer, [packets[0]!, packets[3]!]);
  });

  it('gives the number of a closed destination to one other only', async () => {
    const port = await bind(['127.0.0.1']);
    const [first, second, sender] = [await openPeer(), await openPeer(), create(port)];
    const old = sender.destinationOf({ address: '127.0.0.1', port: 9 });
    old.close();
    const reused = sender.destinationOf(first);
    old.close();
    const other = sender.destinationOf(second);
    const packets = fill([[reused.id, 10], [other.id, 20]]);

    expect(sender.send(batch)).toBe(0);

    await expectToReceive(first, [packets[0]!]);
    await expectToReceive(second, [packets[1]!]);
  });

  it('drops everything once the port is closed', async () => {
    const port = await bind(['127.0.0.1']);
    const [peer, sender] = [await openPeer(), create(port)];
    const { id } = sender.destinationOf(peer);
    await port.close();
    fill([[id, 10], [id, 10], [id, 10]]);

    expect(sender.send(batch)).toBe(3);

    expect(droppedPackets()).toEqual([1, 1, 1]);
    expect(port.udp.counters).toMatchObject({ sent: 0, dropped: { closed: 3 } });
  });
});

describe.runIf(environment)('the native sender', () => {
  const native = environment as NativeEnvironment;

  /** The system refuses messages of several packets with this error; the others it takes. */
  function refusing(error: number): { readonly failing: NativeEnvironment; readonly calls: number[] } {
    const calls: number[] = [];
    let errno = 0;
    const sendmmsg: NativeEnvironment['functions']['sendmmsg'] = (descriptor, messages, count, flags) => {
      const at = messages - native.memory.address(0, 0);
      const parts = arena.bytes.readUInt32LE(at + 24);
      calls.push(parts);
      errno = error;
      return parts > 1 ? -1 : native.functions.sendmmsg(descriptor, messages, Math.min(count, 1), flags);
    };
    const failing = { ...native, functions: { ...native.functions, sendmmsg }, library: { ...native.library, errno: () => errno } };
    return { failing, calls };
  }

  it.each([
    ['a device without offload', ERRNO.EIO],
    ['segments that are too long for the path', ERRNO.EMSGSIZE],
    ['segments that are too long for the path, as some kernels say it', ERRNO.EINVAL],
  ])('sends packets one by one after %s, and does so from then on', async (_what, error) => {
    const port = await bind(['127.0.0.1']);
    const peer = await openPeer();
    const { failing, calls } = refusing(error);
    const sender = new NativeSender(failing, port, CAPACITY);
    const { id } = sender.destinationOf(peer);
    const packets = fill([[id, 100], [id, 100], [id, 90]]);

    expect(sender.send(batch)).toBe(0);
    expect(calls).toEqual([3, 1, 1, 1]);
    await expectToReceive(peer, packets);

    calls.length = 0;
    expect(sender.send(batch)).toBe(0);
    expect(calls).toEqual([1, 1, 1]);
    expect(port.udp.counters.sent).toBe(6);
  });

  it('sends every packet as a message of its own where the system cuts none', async () => {
    const port = await bind(['127.0.0.1']);
    const peer = await openPeer();
    const { failing, calls } = refusing(ERRNO.EIO);
    const old = { ...failing, functions: { ...failing.functions, setsockopt: () => -1 } };
    const sender = new NativeSender(old, port, CAPACITY);
    const { id } = sender.destinationOf(peer);
    const packets = fill([[id, 100], [id, 100], [id, 90]]);

    expect(sender.send(batch)).toBe(0);

    expect(calls).toEqual([1, 1, 1]);
    await expectToReceive(peer, packets);
  });

  it('goes on with segments that are shorter than those that were too long', async () => {
    const port = await bind(['127.0.0.1']);
    const { failing, calls } = refusing(ERRNO.EMSGSIZE);
    const sender = new NativeSender(failing, port, CAPACITY);
    const { id } = sender.destinationOf(await openPeer());
    fill([[id, 100], [id, 100]]);
    sender.send(batch);
    calls.length = 0;
    fill([[id, 99], [id, 99]]);
    sender.send(batch);
    expect(calls[0]).toBe(2);
  });

  it.each([ERRNO.EAGAIN, ERRNO.ENOBUFS])('drops what a full socket does not take (error %i), and says whose it was', async (error) => {
    const port = await bind(['127.0.0.1']);
    const peer = await openPeer();
    // The loopback device never lets a buffer fill.
    const sendmmsg = vi.fn<NativeEnvironment['functions']['sendmmsg']>(() => -1).mockImplementationOnce((descriptor, messages, _count, flags) => native.functions.sendmmsg(descriptor, messages, 1, flags));
    const sender = new NativeSender({ ...native, functions: { ...native.functions, sendmmsg }, library: { ...native.library, errno: () => error } }, port, CAPACITY);
    const ids = [sender.destinationOf(peer).id, sender.destinationOf(peer).id];
    const packets = fill([[ids[0]!, 20], [ids[1]!, 20], [ids[1]!, 20], [ids[0]!, 20]]);

    expect(sender.send(batch)).toBe(3);

    expect(sendmmsg).toHaveBeenCalledTimes(2);
    expect(droppedPackets()).toEqual([0, 1, 1, 1]);
    expect(port.udp.counters).toMatchObject({ sent: 1, dropped: { queueFull: 3 } });
    await expectToReceive(peer, packets.slice(0, 1));
  });

  it('tries again what a signal has interrupted', async () => {
    const port = await bind(['127.0.0.1']);
    const peer = await openPeer();
    const sendmmsg = vi.fn(native.functions.sendmmsg).mockReturnValueOnce(-1);
    const sender = new NativeSender({ ...native, functions: { ...native.functions, sendmmsg }, library: { ...native.library, errno: () => ERRNO.EINTR } }, port, CAPACITY);
    const packets = fill([[sender.destinationOf(peer).id, 10]]);
    expect(sender.send(batch)).toBe(0);
    await expectToReceive(peer, packets);
  });

  it('touches no batch of another arena', async () => {
    const sender = new NativeSender(native, await bind(['127.0.0.1']), CAPACITY);
    const foreign = new PacketBatch(new PacketArena({ bytes: 1024 * 1024 }), 4);
    expect(() => sender.send(foreign)).toThrow(MediaError);
  });
});
