import { getRequestListener } from '@hono/node-server';
import { WebRtcPluginManager } from '@sluice/core';
import { createApp } from '@sluice/http';
import play from '@sluice/plugin-play';
import push from '@sluice/plugin-push';
import { createRtcEngine } from '@sluice/rtc';
import { fastify } from 'fastify';
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

/** A Fastify app with a route of its own, and Sluice under `/media`. */
export async function start({ httpPort, rtcPort }: Ports): Promise<RunningServer> {
  // Closes what is open already when a later step fails; `move` hands it over to the caller.
  await using opened = new AsyncDisposableStack();
  const engine = await createRtcEngine({ port: rtcPort });
  opened.defer(() => engine.close());
  const manager = new WebRtcPluginManager({ engine });
  for (const plugin of [push(), play()]) manager.registerPlugin(plugin);
  await manager.ready();

  const app = fastify();
  app.get('/live', () => {
    const streams = manager.streams.list();
    return streams.map(({ key, readerCount }) => ({ app: key.app, stream: key.stream, viewers: readerCount }));
  });
  const media = getRequestListener(new Hono().route('/media', createApp(manager)).fetch, { overrideGlobalObjects: false });
  // A scope of its own, because here no body may be parsed: what a parser has read is gone.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, done) => done(null));
    scope.all('/media/*', async (request, reply) => {
      reply.hijack();
      await media(request.raw, reply.raw);
    });
  });

  opened.defer(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: httpPort });
  // Closed first, so that viewers who wait for a stream get their answer before the server goes.
  opened.use(manager);
  const running = opened.move();
  return { url, close: () => running.disposeAsync() };
}
