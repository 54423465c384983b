import type { Context, MiddlewareHandler } from 'hono';

/**
 * For every origin, because players live on other people's pages; no cookies are involved.
 * One browser library trickles only when it can read PATCH in Access-Control-Allow-Methods of the 201,
 * so that header is sent with every answer and is exposed itself.
 */
const CORS_HEADERS: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, PATCH, DELETE, OPTIONS',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, If-Match, X-Request-Id, traceparent, tracestate',
  'Access-Control-Expose-Headers': 'Location, ETag, Link, Accept-Patch, Access-Control-Allow-Methods, Retry-After, WWW-Authenticate, X-Request-Id',
};

/** Seconds a browser may keep the answer to a preflight. */
const PREFLIGHT_MAX_AGE = '86400';

/** Adds the CORS headers to every answer, errors too; a header that the answer has already stays. */
export const cors: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(CORS_HEADERS)) {
    if (!c.res.headers.has(name)) setHeader(c, name, value);
  }
  if (c.req.method === 'OPTIONS') setHeader(c, 'Access-Control-Max-Age', PREFLIGHT_MAX_AGE);
};

/** `c.header` would copy the answer for each header, and its text into a stream. */
function setHeader(c: Context, name: string, value: string): void {
  try {
    c.res.headers.set(name, value);
  } catch {
    // The answer of a fetch, whose headers nobody may change.
    c.header(name, value);
  }
}
