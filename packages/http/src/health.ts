import type { WebRtcPluginManager } from '@sluice/core';
import { Hono } from 'hono';
import { methodNotAllowed } from './errors/problem.ts';
import type { ReadinessChecks } from './options.ts';

const METHODS = ['GET', 'HEAD', 'OPTIONS'];
/** Seconds. */
const TRY_LATER = '5';

/** How `GET /readyz` answers. */
export interface Readiness {
  readonly status: 'ready' | 'unready';
  /** By name: `ok`, or why not. */
  readonly checks: Readonly<Record<string, string>>;
}

/**
 * `GET /healthz`: the process answers; who gets no answer may kill it. `GET /readyz`: new sessions are welcome; who is
 * told otherwise sends them elsewhere and leaves the process alone.
 */
export function healthRoutes(manager: WebRtcPluginManager, checks: ReadinessChecks = {}): Hono {
  const app = new Hono();
  app.get('/healthz', (c) => c.json({ status: 'ok' }, 200, { 'Cache-Control': 'no-store' }));
  app.get('/readyz', (c) => {
    const readiness = readinessOf({ manager: () => managerProblem(manager), ...checks });
    const headers = { 'Cache-Control': 'no-store' };
    return readiness.status === 'ready' ? c.json(readiness, 200, headers) : c.json(readiness, 503, { ...headers, 'Retry-After': TRY_LATER });
  });
  for (const path of ['/healthz', '/readyz']) {
    app.options(path, (c) => c.body(null, 204));
    app.all(path, () => methodNotAllowed(METHODS));
  }
  return app;
}

function readinessOf(checks: ReadinessChecks): Readiness {
  const problems = Object.entries(checks).map(([name, check]) => [name, problemOfCheck(check) ?? 'ok'] as const);
  return { status: problems.every(([, problem]) => problem === 'ok') ? 'ready' : 'unready', checks: Object.fromEntries(problems) };
}

/** A check that throws has not passed; what it threw is not for everybody. */
function problemOfCheck(check: () => string | undefined): string | undefined {
  try {
    return check();
  } catch {
    return 'the check failed';
  }
}

function managerProblem({ phase }: WebRtcPluginManager): string | undefined {
  if (phase === 'ready') return undefined;
  return { starting: 'plugins are being set up', draining: 'draining: sessions go on, new ones are refused', closed: 'closed' }[phase];
}
