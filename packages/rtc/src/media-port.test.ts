import { once } from 'node:events';
import { type Server, createServer } from 'node:net';
import { type Logger, MediaError, silentLogger } from '@sluice/core';
import { afterEach, expect, it, vi } from 'vitest';
import { type RtcEngineOptions, resolveEngineOptions } from './engine-options.ts';
import { MediaPort } from './media-port.ts';
import { TcpPort } from './tcp/tcp-port.ts';

const HOST = '127.0.0.1';
const ports: MediaPort[] = [];
const servers: Server[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(ports.splice(0).map((port) => port.close()));
  for (const server of servers.splice(0)) server.close();
});

async function bind(options: RtcEngineOptions = {}): Promise<MediaPort> {
  const port = await MediaPort.bind(resolveEngineOptions({ port: 0, addresses: [HOST], ...options }));
  ports.push(port);
  return port;
}

/** A TCP port that another program has. */
async function occupy(): Promise<number> {
  const server = createServer();
  servers.push(server);
  server.listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** Binds a number that another program has for TCP. Tests that run beside this one may have it for UDP, and then it is another. */
async function bindBesideTcp(options: RtcEngineOptions): Promise<{ readonly occupied: number; readonly bound: MediaPort }> {
  for (;;) {
    const occupied = await occupy();
    try {
      return { occupied, bound: await bind({ ...options, port: occupied }) };
    } catch (error) {
      if (!(error instanceof MediaError) || error.code !== 'PORT_IN_USE') throw error;
    }
  }
}

it('has TCP on the number of UDP, on each address', async () => {
  const { port, tcp } = await bind({ addresses: ['127.0.0.1', '127.0.0.2'] });
  expect(tcp).toBeDefined();
  const options = { port, limits: resolveEngineOptions({}), logger: silentLogger, clock: resolveEngineOptions({}).clock };
  for (const address of ['127.0.0.1', '127.0.0.2']) {
    await expect(TcpPort.listen({ ...options, addresses: [address] })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  }
});

it('leaves TCP alone when it is switched off', async () => {
  const warn = vi.fn();
  const { occupied, bound } = await bindBesideTcp({ tcp: false, logger: { ...silentLogger, warn } satisfies Logger });
  expect(bound).toMatchObject({ port: occupied, tcp: undefined });
  expect(warn).not.toHaveBeenCalled();
});

it('goes without TCP, and says so, when another program has the number that was asked for', async () => {
  const warn = vi.fn();
  const { occupied, bound } = await bindBesideTcp({ logger: { ...silentLogger, warn } satisfies Logger });
  expect(bound).toMatchObject({ port: occupied, tcp: undefined });
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ port: occupied }), expect.stringContaining('over UDP only'));
});

it('picks another number when it picked one that another program has for TCP', async () => {
  const listen = vi.spyOn(TcpPort, 'listen').mockRejectedValueOnce(new MediaError('PORT_IN_USE', 'taken'));
  const { tcp, port } = await bind();
  expect(tcp).toBeDefined();
  expect(listen).toHaveBeenCalledTimes(2);
  expect(listen.mock.lastCall?.[0].port).toBe(port);
});
