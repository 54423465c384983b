import { Hono, type MiddlewareHandler } from 'hono';
import { methodNotAllowed } from './errors/problem.ts';
import type { MetricsExposition } from './options.ts';

const PATH = '/metrics';

/** `GET /metrics`, for a scraper. @param guard keeps out who may not read it; undefined = everybody may */
export function metricsRoute(metrics: MetricsExposition, guard?: MiddlewareHandler): Hono {
  const app = new Hono();
  if (guard) app.use(PATH, guard);
  app.get(PATH, async (c) => c.body(await metrics.scrape(), 200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' }));
  app.all(PATH, () => methodNotAllowed(['GET', 'HEAD']));
  return app;
}
