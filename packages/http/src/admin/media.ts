import type { DiagnosedCandidate, EngineStats } from '@sluice/core';
import { Hono } from 'hono';
import { methodNotAllowed, notFound } from '../errors/problem.ts';
import type { Host } from '../host.ts';

const PATH = '/api/v1/media';

/** The media plane, as `GET /api/v1/media` shows it. */
export interface MediaInfo {
  readonly port: number;
  /** What answers offer, best first. */
  readonly localCandidates: readonly DiagnosedCandidate[];
  readonly stats: EngineStats;
}

/** `GET /api/v1/media`: where media is offered, and what came to that port. */
export function mediaRoute(host: Host): Hono {
  const app = new Hono();
  app.use(PATH, host.adminOnly);
  app.get(PATH, (c) => {
    const { engine } = host;
    if (!engine) return notFound();
    return c.json({ port: engine.port, localCandidates: engine.localCandidates, stats: engine.stats() } satisfies MediaInfo);
  });
  app.all(PATH, () => methodNotAllowed(['GET', 'HEAD']));
  return app;
}
