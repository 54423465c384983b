import { existsSync } from 'node:fs';
import path from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';

const NOT_BUILT = 'The console has not been built. Run npm start, or pnpm --filter @sluice/console build, and reload this page.\n';

/** Serves the built console at `/`. */
export function consoleRoutes(folder: string): Hono {
  const app = new Hono();
  if (!existsSync(path.join(folder, 'index.html'))) return app.get('/', (c) => c.text(NOT_BUILT, 503));

  app.use(async (c, next) => {
    await next();
    // Files under assets have a hash of their content in their name, so they never change.
    const isHashed = c.req.path.startsWith('/assets/');
    if (c.res.ok) c.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  });
  return app.get('/*', serveStatic({ root: folder }));
}
