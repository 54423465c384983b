import {
  type IceFragment,
  type IceGeneration,
  MediaError,
  type SessionRecord,
  type WebRtcSession,
  parseIceFragment,
  writeIceFragment,
} from '@sluice/core';
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

  app.patch(path, (c) => patch(c, host, recordOf(c)));
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

/** A PATCH brings candidates (RFC 9725 section 4.3.2) or asks for an ICE restart (section 4.3.3). */
async function patch(c: Context, host: Host, record: SessionRecord): Promise<Response> {
  const { session } = record;
  if (!session.trickle) return methodNotAllowed(METHODS.filter((method) => method !== 'PATCH'));
  if (mediaType(c) !== ICE_FRAGMENT_TYPE) return unsupportedType();
  const body = await readText(c.req.raw, { maxBytes: host.maxBodyBytes, malformed: 'CANDIDATE_MALFORMED' });
  const fragment = parseIceFragment(body);

  // Nothing is waited for from here to the change, so that no other PATCH comes between the two.
  const refusal = failedPrecondition(c.req.header('if-match'), fragment, host, record);
  if (refusal) return refusal;
  if (asksForRestart(session, fragment)) return restart(c, host, record, fragment);
  await session.trickle(fragment);
  return c.body(null, 204);
}

/**
 * Without If-Match the username fragment says which ICE generation is meant. That a restart without it is
 * taken too, where RFC 9725 wants 428, is for browsers' WHEP libraries, which cannot send the header.
 */
function failedPrecondition(ifMatch: string | undefined, fragment: IceFragment, host: Host, record: SessionRecord): Response | undefined {
  if (ifMatch !== undefined) return host.entityTags.matches(record, ifMatch) ? undefined : staleTag();
  return host.strictIfMatch || fragment.usernameFragment === undefined ? missingTag() : undefined;
}

/** A username fragment that is not the current one asks for it (RFC 8840 section 4.4). */
function asksForRestart({ remoteUsernameFragment }: WebRtcSession, { usernameFragment }: IceFragment): boolean {
  return usernameFragment !== undefined && remoteUsernameFragment !== undefined && usernameFragment !== remoteUsernameFragment;
}

async function restart(c: Context, host: Host, record: SessionRecord, fragment: IceFragment): Promise<Response> {
  const { session } = record;
  if (!session.restartIce) throw new MediaError('ICE_RESTART_UNSUPPORTED', 'This session cannot restart ICE; make a new session instead.');
  const remote = completeGeneration(fragment);
  const before = host.entityTags.current(record);
  const tag = host.entityTags.renew(record);
  try {
    const local = await session.restartIce(remote);
    return c.body(writeIceFragment(local), 200, { 'Content-Type': ICE_FRAGMENT_TYPE, ETag: tag });
  } catch (error) {
    host.entityTags.restore(record, before);
    throw error;
  }
}

function completeGeneration({ usernameFragment, password, candidates }: IceFragment): IceGeneration {
  if (usernameFragment !== undefined && password !== undefined) return { usernameFragment, password, candidates };
  throw new MediaError('CANDIDATE_MALFORMED', 'An ICE restart needs both a=ice-ufrag and a=ice-pwd.');
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
