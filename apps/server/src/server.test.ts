import { parseConfig } from '@sluice/config';
import { definePlugin, httpRoutes, silentLogger } from '@sluice/core';
import { afterEach, expect, test, vi } from 'vitest';
import type { RunningServer } from './running-server.ts';
import { startServer } from './server.ts';

const servers: RunningServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const anyPort = { http: { port: 0 }, rtc: { port: 0 }, demo: false };

async function start(input: object = {}, logger = silentLogger): Promise<RunningServer> {
  const server = await startServer(parseConfig({ ...anyPort, ...input }), { logger });
  servers.push(server);
  return server;
}

/** What strangers are told. */
async function streamListStatus({ httpPort }: RunningServer): Promise<number> {
  return (await fetch(`http://127.0.0.1:${httpPort}/api/v1/streams`)).status;
}

test('two servers run in one process, each on its own ports', async () => {
  const [one, two] = await Promise.all([start(), start()]);
  expect(one.url).toBe(`http://127.0.0.1:${one.httpPort}`);
  expect(one.httpPort).not.toBe(two.httpPort);
  expect(one.rtcPort).not.toBe(two.rtcPort);
  expect((await fetch(`${one.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${two.url}/healthz`)).status).toBe(200);
});

test('HTTP has the TCP port when media is to use the same number', async () => {
  const first = await start();
  await first.close();
  const { httpPort: port } = first;
  const both = await start({ http: { port }, rtc: { port } });
  expect(both).toMatchObject({ httpPort: port, rtcPort: port });
});

test('on an IPv6 address the URL has brackets', async () => {
  const { url, httpPort } = await start({ http: { host: '::1', port: 0 } });
  expect(url).toBe(`http://[::1]:${httpPort}`);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('a plugin of the configuration is set up, serves its route and is closed', async () => {
  const closed = vi.fn();
  const plugin = definePlugin(() => ({
    name: 'with-route',
    setup(ctx) {
      ctx.contribute(httpRoutes, { method: 'GET', path: '/hello', handler: () => new Response('hello') });
      ctx.onClose(closed);
    },
  }))();
  const server = await start({ plugins: [plugin] });
  expect(await (await fetch(`${server.url}/hello`)).text()).toBe('hello');
  await server.close();
  expect(closed).toHaveBeenCalledOnce();
});

test('when a plugin fails, the ports are free again', async () => {
  const first = await start();
  await first.close();
  const { httpPort, rtcPort } = first;
  const ports = { http: { port: httpPort }, rtc: { port: rtcPort } };
  const failing = definePlugin(() => ({
    name: 'failing',
    setup() {
      throw new Error('no disk');
    },
  }))();
  await expect(start({ ...ports, plugins: [failing] })).rejects.toMatchObject({ code: 'PLUGIN_FAILED', plugin: 'failing' });
  expect((await start(ports)).httpPort).toBe(httpPort);
});

test('a port that is taken is named', async () => {
  const { httpPort, rtcPort } = await start();
  await expect(start({ http: { port: httpPort } })).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining(`HTTP port ${httpPort} of 127.0.0.1`),
  });
  await expect(start({ rtc: { port: rtcPort } })).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining(String(rtcPort)),
  });
});

test('an address that is not ours is a clear error', async () => {
  await expect(start({ http: { host: '192.0.2.1', port: 0 } })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('192.0.2.1'),
  });
});

test('a server open to others where anybody may publish says so loudly, once', async () => {
  const warn = vi.fn();
  const logger = { ...silentLogger, warn, child: () => logger };
  const open = { http: { host: '0.0.0.0', port: 0 }, logs: { token: 'a-token' } };
  await start({}, logger);
  expect(warn).not.toHaveBeenCalled();
  await start({ ...open, hooks: { onPublish: 'http://127.0.0.1:1/' } }, logger);
  expect(warn).not.toHaveBeenCalled();
  await start({ ...open, auth: { publish: { keys: ['a-stream-key'] } } }, logger);
  expect(warn).not.toHaveBeenCalled();
  await start({ ...open, auth: { play: { keys: ['a-stream-key'] } } }, logger);
  expect(warn.mock.calls).toEqual([[expect.stringContaining('anyone who reaches port')]]);
  await start({ ...open, auth: { publish: { keys: ['a-stream-key'] } }, logs: {} }, logger);
  expect(warn.mock.calls.slice(1)).toEqual([[expect.stringContaining('LOGS ARE OPEN TO ALL')]]);
});

test('streams are listed to this machine only, unless the configuration says otherwise', async () => {
  const [local, open, told] = await Promise.all([
    start(),
    start({ http: { host: '0.0.0.0', port: 0 } }),
    start({ http: { host: '0.0.0.0', port: 0, streamList: true } }),
  ]);
  expect(await streamListStatus(local)).toBe(200);
  expect(await streamListStatus(open)).toBe(404);
  expect(await streamListStatus(told)).toBe(200);
});

test('closing cuts a request that never ends', async () => {
  const asked = Promise.withResolvers<void>();
  const plugin = definePlugin(() => ({
    name: 'never-answers',
    setup(ctx) {
      const handler = () => {
        asked.resolve();
        return new Promise<Response>(() => undefined);
      };
      ctx.contribute(httpRoutes, { method: 'GET', path: '/wait', handler });
    },
  }))();
  const { url, close } = await start({ plugins: [plugin] });
  const [outcome] = await Promise.all([Promise.allSettled([fetch(`${url}/wait`)]), asked.promise.then(close)]);
  expect(outcome).toMatchObject([{ status: 'rejected' }]);
});
