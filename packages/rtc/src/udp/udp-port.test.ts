import { Socket, createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { silentLogger } from '@sluice/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PeerAddress } from './peer-address.ts';
import { UdpPort, type UdpPortOptions } from './udp-port.ts';

const loopbackAddresses = Object.values(networkInterfaces())
  .flatMap((infos) => infos ?? [])
  .map(({ address }) => address)
  .filter((address) => address === '127.0.0.1' || address === '::1');
/** Only Linux has all of 127.0.0.0/8 on its loopback device. */
const hasManyLoopbackAddresses = process.platform === 'linux';

const open: UdpPort[] = [];
const clients: Socket[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(open.splice(0).map((port) => port.close()));
  await Promise.all(clients.splice(0).map((client) => new Promise<void>((resolve) => {
    client.close(resolve);
  })));
});

async function bind(options: Partial<UdpPortOptions> = {}): Promise<UdpPort> {
  const port = await UdpPort.bind({ port: 0, logger: silentLogger, ...options });
  open.push(port);
  return port;
}

/** A peer that keeps what it receives. */
async function openClient(address: string): Promise<{ port: number; received: PeerAddress[]; send(port: number, to: string): void }> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  clients.push(socket);
  const received: PeerAddress[] = [];
  socket.on('message', (_data, from) => received.push({ address: from.address, port: from.port }));
  await new Promise<void>((resolve) => {
    socket.bind(0, address, resolve);
  });
  return { port: socket.address().port, received, send: (port, to) => socket.send('ping', port, to) };
}

function answerAll(port: UdpPort): void {
  port.onPacket = (data, from) => void port.send(data, from);
}

describe('UdpPort', () => {
  it.each(loopbackAddresses)('answers over %s on one port number', async (address) => {
    const port = await bind();
    answerAll(port);
    const client = await openClient(address);

    client.send(port.port, address);

    await expect.poll(() => client.received).toEqual([{ address, port: port.port }]);
    expect(port.counters).toMatchObject({ received: 1, sent: 1 });
  });

  it.runIf(hasManyLoopbackAddresses)('answers from the address that was asked when several of one family are bound', async () => {
    const port = await bind({ addresses: ['127.0.0.1', '127.0.0.2'] });
    answerAll(port);
    const client = await openClient('127.0.0.1');

    client.send(port.port, '127.0.0.2');

    await expect.poll(() => client.received).toEqual([{ address: '127.0.0.2', port: port.port }]);
  });

  it('binds the addresses it is told and no others', async () => {
    const port = await bind({ addresses: ['127.0.0.1', '127.0.0.1'] });

    expect(port.addresses).toEqual(['127.0.0.1']);
    expect(port.send(Buffer.from('x'), { address: '::1', port: 9 })).toBe(false);
    expect(port.counters.dropped.noSocket).toBe(1);
  });

  it('says that a port is in use, and by which number', async () => {
    const { port } = await bind({ addresses: ['127.0.0.1'] });

    await expect(bind({ port, addresses: ['127.0.0.1'] })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `UDP port ${port} is in use by another program; stop that program or choose another port for media.`,
    });
  });

  it.runIf(hasManyLoopbackAddresses)('frees what it has bound when a later address has the port in use', async () => {
    const { port } = await bind({ addresses: ['127.0.0.2'] });

    await expect(bind({ port, addresses: ['127.0.0.1', '127.0.0.2'] })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await expect(bind({ port, addresses: ['127.0.0.1'] })).resolves.toMatchObject({ port });
  });

  it('picks another port when the one it picked is in use', async () => {
    vi.spyOn(Socket.prototype, 'bind').mockImplementationOnce(function refuse(this: Socket) {
      this.emit('error', Object.assign(new Error('bind EADDRINUSE'), { code: 'EADDRINUSE' }));
      return this;
    });

    const port = await bind();

    expect(port.port).toBeGreaterThan(0);
  });

  it.each([
    ['a name', ['localhost']],
    ['an address of another machine', ['203.0.113.9']],
    ['an empty list', []],
  ])('refuses %s', async (_what, addresses) => {
    await expect(bind({ addresses })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('drops and counts what the system refuses', async () => {
    const port = await bind();

    expect(port.send(Buffer.from('x'), { address: '127.0.0.1', port: 0 })).toBe(false);
    expect(port.counters.dropped.refused).toBe(1);
    expect(port.counters.sent).toBe(0);
  });

  it('drops and counts while the send queue is over its bound', async () => {
    // An empty queue is already over a bound below zero; the loopback device never lets one fill.
    const port = await bind({ maxSendQueueBytes: -1 });

    expect(port.send(Buffer.from('x'), { address: '127.0.0.1', port: 9 })).toBe(false);
    expect(port.counters.dropped.queueFull).toBe(1);
  });

  it('frees its port on close, once and for all', async () => {
    const first = await bind();
    await Promise.all([first.close(), first.close()]);

    expect(first.send(Buffer.from('x'), { address: '127.0.0.1', port: 9 })).toBe(false);
    expect(first.counters.dropped.closed).toBe(1);
    await expect(bind({ port: first.port })).resolves.toMatchObject({ port: first.port });
  });
});
