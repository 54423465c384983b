import { MediaError, isLoopbackAddress, safeEqual } from '@sluice/core';
import type { Context, MiddlewareHandler } from 'hono';
import type { Client } from '../request/client.ts';
import { credentialsOf } from '../request/credentials.ts';

/** What a proxy adds; a request that came through one is not from this machine, whatever its socket says. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'via', 'x-real-ip'];

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** What {@link adminCheck} takes. */
export interface AdminOptions {
  /** Without one, only this machine is let in. */
  readonly token: string | undefined;
  readonly clientOf: (c: Context) => Client;
}

/** Tells administrators from others. */
export interface AdminCheck {
  isAdmin(c: Context): boolean;
  /** @throws MediaError UNAUTHORISED; FORBIDDEN for a page of another origin that wants a change */
  requireAdmin(c: Context): void;
  /** Lets nobody else in. */
  readonly adminOnly: MiddlewareHandler;
}

/** An administrator is who brings the token, or, while none is configured, who asks from this machine. */
export function adminCheck({ token, clientOf }: AdminOptions): AdminCheck {
  function isAdmin(c: Context): boolean {
    const given = tokenOf(c);
    // A proxy on this machine may say nothing of itself, so being here is enough only while there is no token.
    if (token === undefined) return given === undefined && isFromThisMachine(c, clientOf(c));
    return given !== undefined && safeEqual(given, token);
  }
  function requireAdmin(c: Context): void {
    if (!isAdmin(c)) throw new MediaError('UNAUTHORISED', 'Only who brings the admin token (http.adminToken) as a bearer token may ask for this, or this machine while none is configured.');
    if (tokenOf(c) === undefined && isForged(c, clientOf(c))) throw new MediaError('FORBIDDEN', 'A page of another origin may change nothing here without the admin token.');
  }
  return {
    isAdmin,
    requireAdmin,
    async adminOnly(c, next) {
      requireAdmin(c);
      await next();
      c.header('Cache-Control', 'no-store');
    },
  };
}

function tokenOf(c: Context): string | undefined {
  return credentialsOf(c.req.header('authorization'), undefined).token;
}

/** The Host header keeps out a page whose name was made to lead here (DNS rebinding). */
function isFromThisMachine(c: Context, { remote, origin }: Client): boolean {
  if (!remote || !isLoopbackAddress(remote.address)) return false;
  if (PROXY_HEADERS.some((name) => c.req.header(name) !== undefined)) return false;
  const host = origin.hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || isLoopbackAddress(host);
}

/** A browser on this machine sends any page's POST; it says whose it is. */
function isForged(c: Context, { origin }: Client): boolean {
  const page = c.req.header('origin');
  return page !== undefined && page !== origin.origin && !SAFE_METHODS.includes(c.req.method);
}
