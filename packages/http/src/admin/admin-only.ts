import { MediaError, safeEqual } from '@sluice/core';
import type { Context, MiddlewareHandler } from 'hono';
import { credentialsOf } from '../request/credentials.ts';

/** Tells administrators from others. */
export interface AdminCheck {
  isAdmin(c: Context): boolean;
  /** @throws MediaError UNAUTHORISED */
  requireAdmin(c: Context): void;
  /** Lets nobody else in. */
  readonly adminOnly: MiddlewareHandler;
}

/**
 * An administrator is who brings the token, and nobody else: a reverse proxy on this machine may pass on the requests of
 * the whole world without a word of itself, so where a request comes from proves nothing. The token comes in a header,
 * which no page of another origin can send, whatever name leads it here (DNS rebinding).
 * @param token without one nobody is
 */
export function adminCheck(token: string | undefined): AdminCheck {
  function isAdmin(c: Context): boolean {
    const given = credentialsOf(c.req.header('authorization'), undefined).token;
    return token !== undefined && given !== undefined && safeEqual(given, token);
  }
  function requireAdmin(c: Context): void {
    if (!isAdmin(c)) throw new MediaError('UNAUTHORISED', 'Only who brings the admin token as a bearer token may ask for this: http.adminToken, or while there is none the one that the server has made (its log says where that is).');
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
