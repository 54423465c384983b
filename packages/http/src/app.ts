import { type WebRtcPluginManager, silentLogger } from '@sluice/core';
import { Hono } from 'hono';
import { cors } from './cors.ts';
import { errorHandler } from './errors/handler.ts';
import { notFound, problemOf } from './errors/problem.ts';
import { healthRoute } from './health.ts';
import type { Host } from './host.ts';
import type { HttpOptions } from './options.ts';
import { pluginRoutes } from './plugin-routes.ts';
import { createClientReader, nodeServerAddress } from './request/client.ts';
import { streamRoutes } from './streams.ts';
import { EntityTags } from './whip/entity-tags.ts';
import { iceServerLinks } from './whip/ice-servers.ts';
import { whipRoutes } from './whip/routes.ts';
import { zlmRoutes } from './zlm/routes.ts';

const DEFAULT_MAX_BODY_BYTES = 131_072;

/** Everything this package answers itself; a host's own paths get no CORS headers from us. */
const OWN_PATHS = ['/index/api/*', '/whip/*', '/whep/*', '/api/v1/*', '/healthz'];

/**
 * The HTTP front doors of a manager as a Hono app. It never listens: serve it with
 * `@hono/node-server`, or mount it with `route()` into an app of your own.
 * @throws MediaError CONFIG_INVALID
 */
export function createApp(manager: WebRtcPluginManager, options: HttpOptions = {}): Hono {
  const host = createHost(manager, options);
  const app = new Hono();
  for (const path of OWN_PATHS) app.use(path, cors);
  app.route('/', zlmRoutes(host));
  app.route('/', whipRoutes(host));
  app.route('/', streamRoutes(host));
  app.route('/', healthRoute());
  app.all('*', pluginRoutes(host));
  app.notFound(notFound);
  app.onError(errorHandler(host.logger, problemOf));
  return app;
}

function createHost(manager: WebRtcPluginManager, options: HttpOptions): Host {
  return {
    manager,
    logger: options.logger ?? silentLogger,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    strictIfMatch: options.strictIfMatch ?? false,
    streamList: options.streamList ?? false,
    iceServerLinks: iceServerLinks(options.iceServers ?? []),
    entityTags: new EntityTags(),
    clientOf: createClientReader({
      trustProxy: options.trustProxy ?? [],
      clientAddress: options.clientAddress ?? nodeServerAddress,
    }),
  };
}
