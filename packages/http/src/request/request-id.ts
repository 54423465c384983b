import { randomUUID } from 'node:crypto';
import type { Logger } from '@sluice/core';
import type { Context, MiddlewareHandler } from 'hono';

const HEADER = 'X-Request-Id';
const VARIABLE = 'requestId';
/** What a proxy may call a request; anything else could forge lines of a log. */
const SANE = /^[\w.:/+=-]{1,128}$/;

/** Names each request, for log lines and for who asks about one: as its X-Request-Id header does, when that is sane. */
export function requestIds(logger: Logger): MiddlewareHandler {
  return async (c, next) => {
    const given = c.req.header(HEADER) ?? '';
    const id = SANE.test(given) ? given : randomUUID();
    c.set(VARIABLE, id);
    const startedAt = performance.now();
    await next();
    setHeader(c, id);
    const ms = Math.round(performance.now() - startedAt);
    logger.debug({ requestId: id, method: c.req.method, path: c.req.path, status: c.res.status, ms }, `${c.req.method} ${c.req.path} ${c.res.status}`);
  };
}

/** Undefined outside of {@link requestIds}. */
export function requestIdOf(c: Context): string | undefined {
  const id: unknown = c.get(VARIABLE);
  return typeof id === 'string' ? id : undefined;
}

/** `c.header` would copy the answer; of a fetch its headers cannot be changed otherwise. */
function setHeader(c: Context, id: string): void {
  try {
    c.res.headers.set(HEADER, id);
  } catch {
    c.header(HEADER, id);
  }
}
