import { Hono } from 'hono';
import { errorHandler } from '../errors/handler.ts';
import { methodNotAllowed } from '../errors/problem.ts';
import type { Host } from '../host.ts';
import { negotiate } from '../request/negotiate.ts';
import { zlmFailure } from './failure.ts';
import { readZlmRequest, requireParam } from './parameters.ts';

/** `POST /index/api/webrtc`: any registered type; every answer is HTTP 200 with an integer `code`. */
export function zlmWebrtcRoute(host: Host): Hono {
  const app = new Hono();

  app.post('/index/api/webrtc', async (c) => {
    const { params, offer } = await readZlmRequest(c, host.maxBodyBytes);
    const { app: appName = '', stream = '' } = params;
    const { sdp, record } = await negotiate(c, host, {
      protocol: 'zlm',
      type: requireParam(params, 'type'),
      app: appName,
      stream,
      offer,
      params,
    });
    return c.json({ code: 0, id: record.id, sdp, type: 'answer' });
  });
  app.options('/index/api/webrtc', (c) => c.body(null, 204));
  app.all('/index/api/webrtc', () => methodNotAllowed(['POST', 'OPTIONS']));

  app.onError(errorHandler(host.logger, zlmFailure));
  return app;
}
