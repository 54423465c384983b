import { once } from 'node:events';
import { getRequestListener } from '@hono/node-server';
import { WebRtcPluginManager } from '@sluice/core';
import { createApp } from '@sluice/http';
import play from '@sluice/plugin-play';
import push from '@sluice/plugin-push';
import { createRtcEngine } from '@sluice/rtc';
import express from 'express';
import { Hono } from 'hono';

/** Ports to listen on; 0 takes a free one. */
export interface Ports {
  readonly httpPort: number;
  /** UDP. */
  readonly rtcPort: number;
}

/** A server that takes requests. */
export interface RunningServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** An Express app with a route of its own, and Sluice under `/media`. */
export async function start({ httpPort, rtcPort }: Ports): Promise<RunningServer> {
  // Closes what is open already when a later step fails; `move` hands it over to the caller.
  await using opened = new AsyncDisposableStack();
  const engine = await createRtcEngine({ port: rtcPort });
  opened.defer(() => engine.close());
  const manager = new WebRtcPluginManager({ engine });
  for (const plugin of [push(), play()]) manager.registerPlugin(plugin);
  await manager.ready();

  const app = express();
  // Before every body parser: what a parser has read is gone. `all` keeps the prefix in the URL, `use` would cut it off.
  const media = getRequestListener(new Hono().route('/media', createApp(manager)).fetch, { overrideGlobalObjects: false });
  app.all('/media/*path', (request, response) => media(request, response));
  app.use(express.json());
  app.get('/live', (_request, response) => {
    const streams = manager.streams.list();
    response.json(streams.map(({ key, readerCount }) => ({ app: key.app, stream: key.stream, viewers: readerCount })));
  });

  const server = app.listen(httpPort, '127.0.0.1');
  await once(server, 'listening');
  opened.defer(async () => {
    const closed = once(server, 'close');
    server.close();
    await closed;
  });
  // Closed first, so that viewers who wait for a stream get their answer before the server goes.
  opened.use(manager);

  const address = server.address();
  const port = typeof address === 'object' ? address?.port : httpPort;
  const running = opened.move();
  return { url: `http://127.0.0.1:${port}`, close: () => running.disposeAsync() };
}
