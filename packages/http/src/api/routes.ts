import { MediaError } from '@sluice/core';
import { type Context, Hono } from 'hono';
import { cors } from '../cors.ts';
import { methodNotAllowed, notFound } from '../errors/problem.ts';
import type { Host } from '../host.ts';
import type { HttpOptions } from '../options.ts';
import { readText } from '../request/body.ts';
import type { ApiHost } from './api-host.ts';
import { configurationRoutes } from './configuration.ts';
import { EventFeed } from './events/event-feed.ts';
import { eventRoute } from './events/route.ts';
import { hookRoutes } from './hooks.ts';
import { openApiDocument } from './openapi/document.ts';
import { documentPage } from './openapi/page.ts';
import { pluginRoutes } from './plugins.ts';
import type { ApiRoute } from './route.ts';
import { serverRoutes } from './server.ts';
import { sessionRoutes } from './sessions.ts';
import { streamRoutes } from './streams.ts';

const BASE = '/api/v1';
const DEFAULT_MAX_EVENT_CLIENTS = 50;
const DEFAULT_EVENT_REPLAY = 1000;
const DEFAULT_MAX_QUEUED_EVENTS = 1000;
const DEFAULT_HEARTBEAT_MS = 15_000;

/** The page loads nothing, from nowhere. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Every route of the management API, in the order of its document. */
export const apiRoutes: readonly ApiRoute[] = [
  ...streamRoutes,
  ...sessionRoutes,
  ...pluginRoutes,
  ...hookRoutes,
  ...configurationRoutes,
  ...serverRoutes,
  eventRoute,
];

/** `/api/v1`: the management API, its OpenAPI document and a page that shows it. */
export function managementApi(host: Host, options: HttpOptions): Hono {
  const app = new Hono();
  const apiHost = createApiHost(host, options);
  const document = openApiDocument(apiRoutes);
  const page = documentPage(document);
  app.get(`${BASE}/openapi.json`, (c) => c.json(document, 200, { 'Cache-Control': 'no-cache' }));
  app.all(`${BASE}/openapi.json`, () => methodNotAllowed(['GET', 'HEAD']));
  app.get(`${BASE}/docs`, (c) => c.html(page, 200, { 'Content-Security-Policy': PAGE_POLICY, 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-cache' }));
  app.all(`${BASE}/docs`, () => methodNotAllowed(['GET', 'HEAD']));
  for (const [path, routes] of Map.groupBy(apiRoutes, (route) => route.path)) mount(app, path, routes, apiHost);
  return app;
}

/** All methods of one path. */
function mount(app: Hono, path: string, routes: readonly ApiRoute[], host: ApiHost): void {
  const pattern = `${BASE}${path.replace(/\{(\w+)\}/g, ':$1')}`;
  const isOpen = routes.some(({ access }) => access === 'streamList');
  const methods = routes.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  if (isOpen) {
    // To administrators alone it answers without CORS: a page on their machine shall not read what nobody else may.
    if (host.streamList) app.use(pattern, cors);
    app.options(pattern, (c) => c.body(null, 204));
    methods.push('OPTIONS');
  }
  for (const route of routes) app.on(route.method.toUpperCase(), pattern, (c) => answer(route, c, host));
  app.all(pattern, async (c) => {
    if (!isOpen) host.requireAdmin(c);
    return methodNotAllowed(methods);
  });
}

async function answer(route: ApiRoute, c: Context, host: ApiHost): Promise<Response> {
  if (route.access === 'streamList') {
    if (!host.streamList && !host.isAdmin(c)) return notFound();
    return route.answer(c, host);
  }
  host.requireAdmin(c);
  const response = await route.answer(c, host);
  response.headers.set('Cache-Control', 'no-store');
  return response;
}

function createApiHost(host: Host, options: HttpOptions): ApiHost {
  const events = options.events ?? new EventFeed(host.manager);
  events.limit({ maxClients: options.maxEventClients ?? DEFAULT_MAX_EVENT_CLIENTS, maxReplay: options.eventReplay ?? DEFAULT_EVENT_REPLAY });
  return {
    ...host,
    events,
    eventOptions: { heartbeatMs: options.eventHeartbeatMs ?? DEFAULT_HEARTBEAT_MS, maxQueued: options.maxQueuedEvents ?? DEFAULT_MAX_QUEUED_EVENTS },
    readJson: (c) => readJson(c, host.maxBodyBytes),
  };
}

/** Any type that says JSON: what the body is not, its schema tells. */
async function readJson(c: Context, maxBytes: number): Promise<unknown> {
  const text = await readText(c.req.raw, { maxBytes, malformed: 'ARGUMENT_INVALID' });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MediaError('ARGUMENT_INVALID', 'The body is not JSON.', { cause });
  }
}
