import { MediaError, isLoopbackAddress, safeEqual } from '@sluice/core';
import type { Context, MiddlewareHandler } from 'hono';
import type { Client } from '../request/client.ts';
import { credentialsOf } from '../request/credentials.ts';

/** What a proxy adds; a request that came through one is not from this machine, whatever its socket says. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'via', 'x-real-ip'];

/** What {@link adminOnly} takes. */
export interface AdminOptions {
  /** Without one, only this machine is let in. */
  readonly token: string | undefined;
  readonly clientOf: (c: Context) => Client;
}

/**
 * Lets in who brings the token, and who asks from this machine.
 * @throws MediaError UNAUTHORISED
 */
export function adminOnly({ token, clientOf }: AdminOptions): MiddlewareHandler {
  return async (c, next) => {
    const given = credentialsOf(c.req.header('authorization'), undefined).token;
    const isAllowed = given === undefined ? isFromThisMachine(c, clientOf(c)) : token !== undefined && safeEqual(given, token);
    if (!isAllowed) throw new MediaError('UNAUTHORISED', 'Only this machine may ask for this, or who brings the admin token (http.adminToken) as a bearer token.');
    await next();
    c.header('Cache-Control', 'no-store');
  };
}

/** The Host header keeps out a page whose name was made to lead here (DNS rebinding). */
function isFromThisMachine(c: Context, { remote, origin }: Client): boolean {
  if (!remote || !isLoopbackAddress(remote.address)) return false;
  if (PROXY_HEADERS.some((name) => c.req.header(name) !== undefined)) return false;
  const host = origin.hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || isLoopbackAddress(host);
}
