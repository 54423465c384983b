import { Hono } from 'hono';
import { methodNotAllowed } from './errors/problem.ts';

const PATH = '/healthz';

/** `GET /healthz`, for load balancers and start scripts. */
export function healthRoute(): Hono {
  const app = new Hono();
  app.get(PATH, (c) => c.json({ status: 'ok' }, 200, { 'Cache-Control': 'no-store' }));
  app.options(PATH, (c) => c.body(null, 204));
  app.all(PATH, () => methodNotAllowed(['GET', 'HEAD', 'OPTIONS']));
  return app;
}
