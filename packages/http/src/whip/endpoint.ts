import type { Negotiated } from '@sluice/core';
import { type Context, Hono } from 'hono';
import { methodNotAllowed, problemResponse } from '../errors/problem.ts';
import type { Host } from '../host.ts';
import { readText } from '../request/body.ts';
import { mediaType } from '../request/media-type.ts';
import { negotiate } from '../request/negotiate.ts';
import { ICE_FRAGMENT_TYPE, SDP_TYPE, type WhipProtocol } from './protocol.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS'];

/** The endpoint `/{whip|whep}/{app}/{stream}`, which turns an offer into a session (RFC 9725 section 4.2). */
export function endpointRoutes(host: Host, { protocol, type }: WhipProtocol): Hono {
  const app = new Hono();
  const path = `/${protocol}/:app/:stream`;

  app.post(path, async (c) => {
    if (mediaType(c) !== SDP_TYPE) {
      return problemResponse({
        status: 415,
        detail: `The body must be an SDP offer of type ${SDP_TYPE}.`,
        headers: { 'Accept-Post': SDP_TYPE },
      });
    }
    const offer = await readText(c.req.raw, { maxBytes: host.maxBodyBytes, malformed: 'OFFER_MALFORMED' });
    const { app: appName = '', stream = '' }: Record<string, string> = c.req.param();
    return created(c, host, await negotiate(c, host, { protocol, type, app: appName, stream, offer }));
  });
  // A WHEP HEAD asks whether there is something to play, in which form (draft-ietf-wish-whep).
  app.get(path, (c) => c.body(null, 200, protocol === 'whep' ? { 'Content-Type': SDP_TYPE } : {}));
  app.options(path, (c) => c.body(null, 204, { 'Accept-Post': SDP_TYPE, Allow: METHODS.join(', ') }));
  app.all(path, () => methodNotAllowed(METHODS));
  return app;
}

function created(c: Context, host: Host, { sdp, record }: Negotiated): Response {
  c.header('Content-Type', SDP_TYPE);
  c.header('Location', `${endpointBase(c)}/session/${record.id}/${record.token}`);
  c.header('ETag', host.entityTags.current(record));
  if (record.session.trickle) c.header('Accept-Patch', ICE_FRAGMENT_TYPE);
  if (host.iceServerLinks !== undefined) c.header('Link', host.iceServerLinks);
  return c.body(sdp, 201);
}

/** The request's path without app and stream; it keeps the prefix under which a host has mounted the app. */
function endpointBase(c: Context): string {
  return new URL(c.req.url).pathname.split('/').slice(0, -2).join('/');
}
