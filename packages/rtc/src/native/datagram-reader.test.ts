import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PacketArena } from '../outbound/packet-arena.ts';
import { setReading, socketDescriptor } from '../udp/socket-handle.ts';
import { NativeDatagramReader } from './datagram-reader.ts';
import { createNativeEnvironment } from './native-environment.ts';
import { loadNativeLibrary } from './native-functions.ts';

const library = await loadNativeLibrary();
const DEADLINE = { timeout: 5000, interval: 5 };
const HOST = '127.0.0.1';

let socket: Socket;
let peer: Socket;

beforeEach(async () => {
  [socket, peer] = [createSocket('udp4'), createSocket('udp4')];
  for (const each of [socket, peer]) each.bind(0, HOST);
  await Promise.all([once(socket, 'listening'), once(peer, 'listening')]);
});

afterEach(() => {
  socket.close();
  peer.close();
});

describe.skipIf(typeof library === 'string')('NativeDatagramReader', () => {
  function setUp() {
    if (typeof library === 'string') throw new Error(library);
    const reader = new NativeDatagramReader(createNativeEnvironment(library, new PacketArena({ bytes: 4 * 1024 * 1024 })));
    const received: { data: Buffer; from: unknown; ageMs: number }[] = [];
    const byNode: Buffer[] = [];
    socket.on('message', (data) => byNode.push(data));
    setReading(socket, false);
    const descriptor = socketDescriptor(socket)!;
    reader.setStamping(descriptor, true);
    const readAll = (): void => {
      while (reader.read(descriptor, (data, from, ageMs) => void received.push({ data, from, ageMs }))) continue;
    };
    return { received, byNode, readAll };
  }

  const send = (data: Buffer): void => peer.send(data, socket.address().port, HOST);

  it('reads more than one call takes, in order, of every length, into memory of its own', async () => {
    const { received, byNode, readAll } = setUp();
    const sent = Array.from({ length: 70 }, (_, index) => Buffer.alloc(index * 20, index));
    sent.push(Buffer.alloc(65_507, 255));
    for (const data of sent) send(data);
    await expect.poll(() => {
      readAll();
      return received.length;
    }, DEADLINE).toBe(sent.length);
    expect(received.map(({ data }) => data)).toEqual(sent);
    expect(received[70]?.from).toEqual({ address: HOST, port: peer.address().port });
    expect(byNode).toEqual([]);
  });

  it('says how long a datagram has waited', async () => {
    const { received, readAll } = setUp();
    const sentAt = performance.now();
    send(Buffer.from('x'));
    await expect.poll(() => performance.now() - sentAt, DEADLINE).toBeGreaterThan(30);
    readAll();
    const readAt = performance.now();
    expect(received).toHaveLength(1);
    expect(received[0]!.ageMs).toBeGreaterThan(15);
    expect(received[0]!.ageMs).toBeLessThanOrEqual(readAt - sentAt + 1);
  });

  it('leaves the socket to Node again', async () => {
    const { byNode, readAll } = setUp();
    readAll();
    setReading(socket, true);
    send(Buffer.from('for Node'));
    await expect.poll(() => byNode.map(String), DEADLINE).toEqual(['for Node']);
  });
});
