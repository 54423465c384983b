import type { Context } from 'hono';

/** The media type of the body in lower case, parameters left out; empty when the request names none. */
export function mediaType(c: Context): string {
  const [type = ''] = (c.req.header('content-type') ?? '').split(';');
  return type.trim().toLowerCase();
}
