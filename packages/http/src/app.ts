import { type WebRtcPluginManager, silentLogger } from '@sluice/core';
import { Hono } from 'hono';
import { adminCheck } from './admin/admin-only.ts';
import { managementApi } from './api/routes.ts';
import { cors } from './cors.ts';
import { errorHandler } from './errors/handler.ts';
import { notFound, problemOf } from './errors/problem.ts';
import { healthRoutes } from './health.ts';
import type { Host } from './host.ts';
import { metricsRoute } from './metrics.ts';
import type { HttpOptions } from './options.ts';
import { pluginRoutes } from './plugin-routes.ts';
import { createClientReader, nodeServerAddress } from './request/client.ts';
import { requestIds } from './request/request-id.ts';
import { EntityTags } from './whip/entity-tags.ts';
import { iceServerLinks } from './whip/ice-servers.ts';
import { whipRoutes } from './whip/routes.ts';
import { zlmUnknownRoute } from './zlm/management/routes.ts';
import { zlmRoutes } from './zlm/routes.ts';

const DEFAULT_MAX_BODY_BYTES = 131_072;

/** What pages of every origin may use; a host's own paths get no CORS headers from us, and neither do those of administrators. */
const OPEN_PATHS = ['/index/api/*', '/whip/*', '/whep/*', '/healthz', '/readyz'];

/**
 * The HTTP front doors of a manager as a Hono app. It never listens: serve it with
 * `@hono/node-server`, or mount it with `route()` into an app of your own.
 * @throws MediaError CONFIG_INVALID
 */
export function createApp(manager: WebRtcPluginManager, options: HttpOptions = {}): Hono {
  const host = createHost(manager, options);
  const app = new Hono();
  app.use(requestIds(host.logger));
  for (const path of OPEN_PATHS) app.use(path, cors);
  app.route('/', zlmRoutes(host));
  app.route('/', whipRoutes(host));
  app.route('/', managementApi(host, options));
  if (options.metrics) app.route('/', metricsRoute(options.metrics, options.openMetrics === true ? undefined : host.adminOnly));
  app.route('/', healthRoutes(manager, options.readyChecks));
  app.all('*', pluginRoutes(host));
  app.route('/', zlmUnknownRoute());
  app.notFound(notFound);
  app.onError(errorHandler(host.logger, problemOf));
  return app;
}

function createHost(manager: WebRtcPluginManager, options: HttpOptions): Host {
  const clientOf = createClientReader({
    trustProxy: options.trustProxy ?? [],
    clientAddress: options.clientAddress ?? nodeServerAddress,
  });
  return {
    manager,
    logger: options.logger ?? silentLogger,
    version: options.version,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    strictIfMatch: options.strictIfMatch ?? false,
    streamList: options.streamList ?? false,
    iceServerLinks: iceServerLinks(options.iceServers ?? []),
    entityTags: options.entityTags ?? new EntityTags(),
    engine: options.engine,
    configuration: options.configuration,
    adminToken: options.adminToken,
    ...adminCheck(options.adminToken),
    clientOf,
  };
}
