import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { silentLogger } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resolveEngineOptions } from '../engine-options.ts';
import { MediaPort } from '../media-port.ts';
import type { PeerAddress } from '../udp/peer-address.ts';
import { MAX_FRAME_BYTES, encodeFrame } from './framing.ts';
import { type TcpLimits, TcpPort } from './tcp-port.ts';

const HOST = '127.0.0.1';
const DEADLINE = { timeout: 10_000, interval: 10 };

vi.setConfig({ testTimeout: 30_000 });

let clock: FakeClock;
let media: MediaPort;
let tcp: TcpPort;
let received: { readonly data: Buffer; readonly from: PeerAddress }[];
let closed: PeerAddress[];
const clients: Socket[] = [];

beforeEach(() => listen());

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await media.close();
  await vi.waitUntil(() => tcp.connectionCount === 0, DEADLINE);
});

async function listen(limits: Partial<TcpLimits> = {}): Promise<void> {
  clock = new FakeClock();
  received = [];
  closed = [];
  // It finds a number that is free for TCP too.
  media = await MediaPort.bind(resolveEngineOptions({ port: 0, addresses: [HOST], clock, ...limits }));
  tcp = media.tcp!;
  tcp.onPacket = (data, from) => received.push({ data, from });
  tcp.onClosed = (address) => closed.push(address);
}

async function relisten(limits: Partial<TcpLimits>): Promise<void> {
  await media.close();
  await listen(limits);
}

async function open(): Promise<Socket> {
  const client = connect(media.port, HOST);
  // A connection that is cut may be reset; what counts is that it closes.
  client.on('error', () => undefined);
  clients.push(client);
  await once(client, 'connect');
  return client;
}

/** A connection that has sent one frame, and the address it has here. */
async function openAndSend(): Promise<{ client: Socket; from: PeerAddress }> {
  const client = await open();
  const index = received.length;
  client.write(encodeFrame(Buffer.from('hello')));
  await expect.poll(() => received.length, DEADLINE).toBe(index + 1);
  return { client, from: received[index]!.from };
}

async function isClosed(client: Socket): Promise<void> {
  client.resume();
  await expect.poll(() => client.closed, DEADLINE).toBe(true);
}

describe('TcpPort', () => {
  it('takes frames and answers on the connection they came on', async () => {
    const [first, second] = [await openAndSend(), await openAndSend()];
    const answers: string[] = [];
    first.client.on('data', (data) => answers.push(`first ${data.toString('latin1')}`));
    second.client.on('data', (data) => answers.push(`second ${data.toString('latin1')}`));

    expect(second.from.connection!.send(Buffer.from('answer'))).toBe(true);

    await expect.poll(() => answers, DEADLINE).toEqual(['second \0\u0006answer']);
    expect(second.from).toMatchObject({ address: HOST, port: second.client.localPort });
    expect(tcp.counters).toMatchObject({ accepted: 2, received: 2, sent: 1 });
  });

  it('says that the port is in use', async () => {
    const { port } = media;
    const options = { port, addresses: [HOST], limits: resolveEngineOptions({}), logger: silentLogger, clock };
    await expect(TcpPort.listen(options)).rejects.toMatchObject({ code: 'PORT_IN_USE', message: `TCP port ${port} is in use by another program.` });
  });

  it('cuts a connection whose frames are longer than any datagram', async () => {
    const { client } = await openAndSend();
    client.write(Buffer.of(0xff, 0xff));

    await isClosed(client);
    expect(tcp.counters.cut).toEqual({ notVerified: 0, oversizeFrame: 1 });
    expect(tcp.connectionCount).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('cuts connections that only trickle, and keeps those that were verified', async () => {
    const slow = await open();
    slow.write(Buffer.of(0x04));
    const verified = await openAndSend();
    verified.from.connection!.verified();
    await expect.poll(() => tcp.connectionCount, DEADLINE).toBe(2);

    await clock.advance(9_999);
    expect(tcp.counters.cut.notVerified).toBe(0);
    await clock.advance(1);

    await isClosed(slow);
    expect(tcp.counters.cut.notVerified).toBe(1);
    await expect.poll(() => tcp.connectionCount, DEADLINE).toBe(1);
    expect(verified.from.connection!.send(Buffer.from('still here'))).toBe(true);
  });

  it('refuses connections over the limits, and takes new ones when others have gone', async () => {
    await relisten({ maxTcpConnections: 5 });
    for (let index = 0; index < 20; index++) await open();
    await expect.poll(() => tcp.counters, DEADLINE).toMatchObject({ accepted: 5, refused: { tooMany: 15, tooManyOfAddress: 0 } });

    for (const client of clients.splice(0)) client.resetAndDestroy();
    await expect.poll(() => tcp.connectionCount, DEADLINE).toBe(0);
    expect(closed).toHaveLength(5);
    await openAndSend();
  });

  it('refuses more connections from one address than are allowed', async () => {
    await relisten({ maxTcpConnectionsPerAddress: 3 });
    for (let index = 0; index < 8; index++) await open();
    await expect.poll(() => tcp.counters, DEADLINE).toMatchObject({ accepted: 3, refused: { tooMany: 0, tooManyOfAddress: 5 } });

    clients.shift()!.destroy();
    await expect.poll(() => tcp.connectionCount, DEADLINE).toBe(2);
    for (let index = 0; index < 2; index++) await open();
    await expect.poll(() => tcp.counters, DEADLINE).toMatchObject({ accepted: 4, refused: { tooManyOfAddress: 6 } });
  });

  it('holds no more for a peer that does not read than the queue may have', async () => {
    await relisten({ maxTcpSendQueueBytes: 50_000 });
    const { client, from } = await openAndSend();
    client.pause();
    const packet = Buffer.alloc(1200);
    const results: boolean[] = [];
    // The system's own buffers fill first.
    for (let sent = 0; sent < 20_000; sent++) results.push(from.connection!.send(packet));

    expect(results.at(-1)).toBe(false);
    const { sent, dropped } = tcp.counters;
    expect(sent + dropped.queueFull).toBe(20_000);
    expect(dropped.queueFull).toBeGreaterThan(0);
  });

  it('sends what waits before it closes, though the peer reads slowly', async () => {
    const { client, from } = await openAndSend();
    const connection = from.connection!;
    connection.verified();
    client.pause();
    const packet = Buffer.alloc(1200);
    while (connection.send(packet)) continue;
    connection.close();
    let bytes = 0;
    client.on('data', (data) => {
      bytes += data.length;
    });

    await isClosed(client);
    expect(bytes).toBe(tcp.counters.sent * 1202);
  });

  it('drops what no frame can carry, and what comes after the end', async () => {
    const { from } = await openAndSend();
    expect(from.connection!.send(Buffer.alloc(0x1_0000))).toBe(false);
    from.connection!.close();
    expect(from.connection!.send(Buffer.from('late'))).toBe(false);
    expect(tcp.counters.dropped).toEqual({ queueFull: 0, tooLong: 1, closed: 1 });
  });

  it('sends its last words before it closes, and takes no more frames', async () => {
    const { client, from } = await openAndSend();
    const connection = from.connection!;
    connection.verified();
    let text = '';
    client.on('data', (data) => {
      text += data.toString('latin1');
    });
    connection.send(Buffer.from('bye'));
    client.write(encodeFrame(Buffer.from('too late')));
    connection.close();

    await isClosed(client);
    expect(text).toBe('\0\u0003bye');
    expect(received).toHaveLength(1);
    expect(closed).toHaveLength(1);
    expect(closed[0]).toBe(from);
  });

  it('gives out no frame that stood behind the one that ended the session', async () => {
    tcp.onPacket = (data, from) => {
      received.push({ data, from });
      from.connection!.close();
    };
    const client = await open();
    client.write(Buffer.concat([encodeFrame(Buffer.from('the end')), encodeFrame(Buffer.from('more'))]));

    await isClosed(client);
    expect(received.map(({ data }) => data.toString())).toEqual(['the end']);
  });

  it('cuts off a peer that does not close its side', async () => {
    const client = connect({ port: media.port, host: HOST, allowHalfOpen: true });
    client.on('error', () => undefined);
    clients.push(client);
    client.write(encodeFrame(Buffer.from('hello')));
    await expect.poll(() => received.length, DEADLINE).toBe(1);
    const connection = received[0]!.from.connection!;
    connection.verified();
    connection.close();
    client.resume();
    await once(client, 'end');
    expect(tcp.connectionCount).toBe(1);

    await clock.advance(500);

    await expect.poll(() => tcp.connectionCount, DEADLINE).toBe(0);
  });

  it('survives resets in the middle of a frame', async () => {
    for (let index = 0; index < 20; index++) {
      const client = await open();
      await expect.poll(() => tcp.counters.accepted, DEADLINE).toBe(index + 1);
      client.write(encodeFrame(Buffer.alloc(MAX_FRAME_BYTES)).subarray(0, 100 + index));
      client.resetAndDestroy();
    }
    await expect.poll(() => tcp.connectionCount, DEADLINE).toBe(0);
    expect(clock.pending).toBe(0);
    expect(received).toEqual([]);
  });
});
