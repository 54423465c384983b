import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { ServerUsage } from './usage.ts';

/** What {@link serveForBench} takes. */
export interface BenchServer {
  /** WHIP at `/whip/{app}/{stream}`, WHEP at `/whep/{app}/{stream}`. */
  readonly app: Hono;
  readonly packetsSent: () => number;
}

/**
 * Serves on a free port of the loopback address, prints the URL as its only line, and answers
 * `GET /usage`. Ends with the process that forked it, or on a signal.
 */
export function serveForBench({ app, packetsSent }: BenchServer): void {
  const collectGarbage = exposedGarbageCollector();
  const outer = new Hono();
  outer.get('/usage', (c) => {
    // Memory is only comparable when neither server holds garbage.
    if (c.req.query('collect') !== undefined) collectGarbage();
    const { user, system } = process.cpuUsage();
    const usage: ServerUsage = { cpuMicros: user + system, rssBytes: process.memoryUsage.rss(), packetsSent: packetsSent() };
    return c.json(usage);
  });
  outer.route('/', app);
  serve({ fetch: outer.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
    process.stdout.write(`http://127.0.0.1:${port}\n`);
  });
  // process.exit lets --cpu-prof write its file, which the default action of a signal does not.
  for (const event of ['disconnect', 'SIGINT', 'SIGTERM'] as const) process.once(event, () => process.exit(0));
}

function exposedGarbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('V8 gave no garbage collector, which GET /usage?collect needs.');
  return () => void collect();
}
