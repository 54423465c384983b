import { Hono } from 'hono';
import { errorHandler } from '../errors/handler.ts';
import { problemOf } from '../errors/problem.ts';
import type { Host } from '../host.ts';
import { endpointRoutes } from './endpoint.ts';
import { WHEP, WHIP } from './protocol.ts';
import { sessionRoutes } from './session.ts';

/** WHIP and WHEP. */
export function whipRoutes(host: Host): Hono {
  const app = new Hono();
  for (const protocol of [WHIP, WHEP]) {
    app.route('/', endpointRoutes(host, protocol));
    app.route('/', sessionRoutes(host, protocol));
  }
  app.onError(errorHandler(host.logger, problemOf));
  return app;
}
