import { MediaError, safeEqual } from '@sluice/core';
import { type Context, Hono } from 'hono';
import { errorHandler } from '../../errors/handler.ts';
import { methodNotAllowed } from '../../errors/problem.ts';
import type { Host } from '../../host.ts';
import { zlmFailure } from '../failure.ts';
import { readZlmRequest } from '../parameters.ts';
import type { ZlmCommand } from './command.ts';
import { mediaCommands } from './media.ts';
import { serverCommands } from './server.ts';
import { sessionCommands } from './sessions.ts';
import { streamProxyCommands } from './stream-proxies.ts';

const BASE = '/index/api';

/** The management names of the ZLMediaKit API, for whoever brings the secret. */
export function zlmManagementRoutes(host: Host): Hono {
  const app = new Hono();
  const commands = { ...mediaCommands, ...sessionCommands, ...serverCommands(), ...streamProxyCommands };
  for (const [name, command] of Object.entries(commands)) {
    const path = `${BASE}/${name}`;
    app.on(['GET', 'POST'], path, (c) => answer(c, command, host));
    app.options(path, (c) => c.body(null, 204));
    app.all(path, () => methodNotAllowed(['GET', 'HEAD', 'POST', 'OPTIONS']));
  }
  app.onError(errorHandler(host.logger, zlmFailure));
  return app;
}

/** Says of any other name below `/index/api` in the form of that API that there is none. */
export function zlmUnknownRoute(): Hono {
  return new Hono().all(`${BASE}/*`, (c) => c.json({ code: -500, msg: `There is no ${c.req.path.slice(0, 100)} here.` }));
}

async function answer(c: Context, command: ZlmCommand, host: Host): Promise<Response> {
  const { params } = await readZlmRequest(c, host.maxBodyBytes);
  checkSecret(params['secret'], host.adminToken);
  return c.json({ code: 0, ...(await command(params, host)) }, 200, { 'Cache-Control': 'no-store' });
}

/** @throws MediaError SECRET_INCORRECT */
function checkSecret(given: string | undefined, secret: string | undefined): void {
  if (secret === undefined) throw new MediaError('SECRET_INCORRECT', 'This API is closed until a secret is configured: set http.adminToken (api.secret in config.ini).');
  if (given === undefined || !safeEqual(given, secret)) throw new MediaError('SECRET_INCORRECT', 'The secret is missing or incorrect.');
}
