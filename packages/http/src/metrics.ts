import { Hono, type MiddlewareHandler } from 'hono';
import { methodNotAllowed, notFound } from './errors/problem.ts';
import type { MetricsExposition } from './options.ts';

const PATH = '/metrics';

/** An app of metrics alone, for a port of their own; everybody who reaches it may read them. */
export function createMetricsApp(metrics: MetricsExposition): Hono {
  const app = metricsRoute(metrics);
  app.notFound(notFound);
  return app;
}

/** `GET /metrics`, for a scraper. @param guard keeps out who may not read it; undefined = everybody may */
export function metricsRoute(metrics: MetricsExposition, guard?: MiddlewareHandler): Hono {
  const app = new Hono();
  if (guard) app.use(PATH, guard);
  app.get(PATH, async (c) => c.body(await metrics.scrape(), 200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' }));
  app.all(PATH, () => methodNotAllowed(['GET', 'HEAD']));
  return app;
}
