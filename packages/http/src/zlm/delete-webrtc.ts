import { Hono } from 'hono';
import { publicError } from '../errors/answers.ts';
import { errorHandler } from '../errors/handler.ts';
import { methodNotAllowed } from '../errors/problem.ts';
import type { Host } from '../host.ts';
import { queryParams } from '../request/negotiate.ts';
import { zlmFailure } from './failure.ts';
import { requireParam } from './parameters.ts';

const PATH = '/index/api/delete_webrtc';

/** `DELETE /index/api/delete_webrtc?id&token`: closes a session that this API, or WHIP, has made. */
export function zlmDeleteRoute(host: Host): Hono {
  const app = new Hono();

  app.delete(PATH, async (c) => {
    const params = queryParams(c);
    const { id } = host.manager.sessions.authorise(requireParam(params, 'id'), requireParam(params, 'token'));
    await host.manager.closeSession(id, 'deleted by its client');
    return c.body(null, 200);
  });
  app.options(PATH, (c) => c.body(null, 204));
  app.all(PATH, () => methodNotAllowed(['DELETE', 'OPTIONS']));

  app.onError(errorHandler(host.logger, deleteFailure));
  return app;
}

/** Unlike the rest of the API, these two have a status of their own and a body of plain text. */
function deleteFailure(error: unknown): Response {
  const { code, status, headers, zlm } = publicError(error);
  if (code !== 'SESSION_NOT_FOUND' && code !== 'TOKEN_INCORRECT') return zlmFailure(error);
  return new Response(zlm.msg, { status, headers });
}
