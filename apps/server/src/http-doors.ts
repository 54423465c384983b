import type { ServerConfig } from '@sluice/config';
import { consoleFolder } from '@sluice/console';
import type { WebRtcPluginManager } from '@sluice/core';
import { EntityTags, EventFeed, type HttpOptions, createApp } from '@sluice/http';
import type { Hono } from 'hono';
import { consoleRoutes } from './console-files.ts';
import { isLoopback } from './exposure.ts';
import { serverVersion } from './version.ts';

/** The HTTP front doors, which take other settings from one request to the next. */
export interface HttpDoors {
  readonly fetch: Hono['fetch'];
  /** @throws MediaError CONFIG_INVALID; the settings before count then */
  readonly serve: (config: ServerConfig) => void;
}

/** @param shared what all settings have in common; its `adminToken` counts while they have none */
export function createHttpDoors(manager: WebRtcPluginManager, config: ServerConfig, shared: HttpOptions): HttpDoors {
  // Sessions and those who listen live longer than settings.
  const lasting = { ...shared, version: serverVersion(), entityTags: new EntityTags(), events: new EventFeed(manager) };
  // What is listened on stays, whatever address a later configuration names.
  const { host } = config.http;
  let app = makeApp(manager, config, lasting);
  return {
    fetch: (...request) => app.fetch(...request),
    serve: (next) => {
      app = makeApp(manager, { ...next, http: { ...next.http, host } }, lasting);
    },
  };
}

function makeApp(manager: WebRtcPluginManager, { http }: ServerConfig, shared: HttpOptions): Hono {
  const { host, trustedProxies: trustProxy, streamList = isLoopback(host), adminToken = shared.adminToken } = http;
  const app = createApp(manager, { ...http, ...shared, trustProxy, streamList, adminToken });
  app.route('/', consoleRoutes(consoleFolder));
  return app;
}
