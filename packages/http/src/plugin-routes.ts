import { type Contribution, type HttpRoute, httpRoutes } from '@sluice/core';
import type { MiddlewareHandler } from 'hono';
import { basePath } from 'hono/route';
import { cors } from './cors.ts';
import { publicError } from './errors/answers.ts';
import { methodNotAllowed, problemOf } from './errors/problem.ts';
import type { Host } from './host.ts';

type Params = Readonly<Record<string, string>>;

/** A route whose path fits a request. */
interface Match {
  readonly plugin: string;
  readonly route: HttpRoute;
  readonly params: Params;
}

/**
 * Serves the routes that plugins contribute, as they are at the time of the request.
 * Register it behind every other route; what it does not know goes to the next handler.
 */
export function pluginRoutes(host: Host): MiddlewareHandler {
  return async (c, next) => {
    const path = c.req.path.slice(basePath(c).replace(/\/$/, '').length);
    const matches = matchesOf(host.manager.contributions(httpRoutes), path);
    if (matches.length === 0) return next();
    return cors(c, async () => {
      c.res = await serve(c.req.raw, matches, host);
    });
  };
}

async function serve(request: Request, matches: readonly Match[], host: Host): Promise<Response> {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const match = matches.find(({ route }) => route.method === method || route.method === 'ALL');
  if (!match && method === 'OPTIONS') return new Response(null, { status: 204 });
  if (!match) return methodNotAllowed([...matches.map(({ route }) => route.method), 'OPTIONS']);
  try {
    return await match.route.handler(request, match.params);
  } catch (error) {
    if (publicError(error).status >= 500) {
      host.logger.error({ err: error, plugin: match.plugin, path: match.route.path }, 'A route of a plugin failed');
    }
    return problemOf(error);
  }
}

function matchesOf(contributions: readonly Contribution<HttpRoute>[], path: string): Match[] {
  return contributions.flatMap(({ plugin, value: route }) => {
    const params = paramsOf(route.path, path);
    return params ? [{ plugin, route, params }] : [];
  });
}

/** What `:name` segments stand for; undefined when the path does not fit. */
function paramsOf(pattern: string, path: string): Params | undefined {
  const names = pattern.split('/');
  const segments = path.split('/');
  if (names.length !== segments.length) return undefined;
  const params: [string, string][] = [];
  for (const [index, name] of names.entries()) {
    const segment = segments[index] ?? '';
    const isParam = name.startsWith(':') && segment !== '';
    if (!isParam && name !== segment) return undefined;
    if (isParam) params.push([name.slice(1), decoded(segment)]);
  }
  return Object.fromEntries(params);
}

/** A segment with a broken percent sign stays as it came. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
