import { type SessionRecord, parseIceFragment } from '@sluice/core';
import { type Context, Hono } from 'hono';
import { methodNotAllowed, problemResponse } from '../errors/problem.ts';
import type { Host } from '../host.ts';
import { readText } from '../request/body.ts';
import { mediaType } from '../request/media-type.ts';
import { ICE_FRAGMENT_TYPE, SDP_TYPE, type WhipProtocol } from './protocol.ts';

const METHODS = ['GET', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'];

/** The session resource, whose unguessable address is its key (RFC 9725 sections 4.2 and 4.3). */
export function sessionRoutes(host: Host, { protocol }: WhipProtocol): Hono {
  const app = new Hono();
  const path = `/${protocol}/session/:id/:token`;
  const recordOf = (c: Context): SessionRecord =>
    host.manager.sessions.authorise(c.req.param('id') ?? '', c.req.param('token') ?? '');

  app.patch(path, (c) => trickle(c, host, recordOf(c)));
  app.delete(path, async (c) => {
    await host.manager.closeSession(recordOf(c).id, 'deleted by its client');
    return c.body(null, 200);
  });
  app.get(path, (c) => {
    recordOf(c);
    return c.body(null, 200, protocol === 'whep' ? { 'Content-Type': SDP_TYPE } : {});
  });
  app.options(path, (c) => c.body(null, 204, { 'Accept-Patch': ICE_FRAGMENT_TYPE, Allow: METHODS.join(', ') }));
  app.all(path, () => methodNotAllowed(METHODS));
  return app;
}

/** A PATCH with candidates (RFC 9725 section 4.3.1): 204 without body and ETag. */
async function trickle(c: Context, host: Host, record: SessionRecord): Promise<Response> {
  const { session } = record;
  if (!session.trickle) return methodNotAllowed(METHODS.filter((method) => method !== 'PATCH'));
  if (mediaType(c) !== ICE_FRAGMENT_TYPE) return unsupportedType();

  const ifMatch = c.req.header('if-match');
  if (ifMatch !== undefined && !host.entityTags.matches(record, ifMatch)) return staleTag();
  if (ifMatch === undefined && host.strictIfMatch) return missingTag();

  const body = await readText(c.req.raw, { maxBytes: host.maxBodyBytes, malformed: 'CANDIDATE_MALFORMED' });
  const fragment = parseIceFragment(body);
  // Without If-Match the username fragment says which ICE generation is meant; the session compares it.
  if (ifMatch === undefined && fragment.usernameFragment === undefined) return missingTag();
  await session.trickle(fragment);
  return c.body(null, 204);
}

function unsupportedType(): Response {
  return problemResponse({
    status: 415,
    detail: `The body must be of type ${ICE_FRAGMENT_TYPE}.`,
    headers: { 'Accept-Patch': ICE_FRAGMENT_TYPE },
  });
}

function staleTag(): Response {
  return problemResponse({ status: 412, detail: 'If-Match does not name the current ICE session of this resource.' });
}

function missingTag(): Response {
  return problemResponse({ status: 428, detail: 'Send the ETag of the session in If-Match.' });
}
