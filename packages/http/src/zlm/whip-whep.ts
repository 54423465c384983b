import type { SessionRecord } from '@sluice/core';
import { type Context, Hono } from 'hono';
import { errorHandler } from '../errors/handler.ts';
import { methodNotAllowed, problemOf, problemResponse } from '../errors/problem.ts';
import type { Host } from '../host.ts';
import { readText } from '../request/body.ts';
import { mediaType } from '../request/media-type.ts';
import { negotiate, queryParams } from '../request/negotiate.ts';
import { SDP_TYPE, WHEP, WHIP } from '../whip/protocol.ts';
import { requireParam } from './parameters.ts';

/** Existing clients of this API also send the offer as plain text, or with no type. */
const OFFER_TYPES: readonly string[] = [SDP_TYPE, 'text/plain', ''];

/** `POST /index/api/whip` and `/index/api/whep`: names in the query; errors as WHIP has them. */
export function zlmWhipRoutes(host: Host): Hono {
  const app = new Hono();

  for (const { protocol, type } of [WHIP, WHEP]) {
    const path = `/index/api/${protocol}`;
    app.post(path, async (c) => {
      if (!OFFER_TYPES.includes(mediaType(c))) {
        return problemResponse({ status: 415, detail: 'The body must be an SDP offer of type application/sdp.' });
      }
      const params = queryParams(c);
      const offer = await readText(c.req.raw, { maxBytes: host.maxBodyBytes, malformed: 'OFFER_MALFORMED' });
      const { sdp, record } = await negotiate(c, host, {
        protocol,
        type,
        app: requireParam(params, 'app'),
        stream: requireParam(params, 'stream'),
        offer,
      });
      return c.body(sdp, 201, { 'Content-Type': SDP_TYPE, Location: deleteUrl(c, host, record) });
    });
    app.options(path, (c) => c.body(null, 204, { 'Accept-Post': SDP_TYPE }));
    app.all(path, () => methodNotAllowed(['POST', 'OPTIONS']));
  }

  app.onError(errorHandler(host.logger, problemOf));
  return app;
}

/** Absolute, because clients of this API use it as it is. */
function deleteUrl(c: Context, host: Host, record: SessionRecord): string {
  const here = new URL(new URL(c.req.url).pathname, host.clientOf(c).origin);
  const url = new URL('delete_webrtc', here);
  url.search = new URLSearchParams({ id: record.id, token: record.token }).toString();
  return url.href;
}
