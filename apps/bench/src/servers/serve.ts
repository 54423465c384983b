import { type ServerType, serve } from '@hono/node-server';
import type { Hono } from 'hono';

/**
 * Serves on a free port of the loopback address, tells the URL to the process that forked it, and
 * collects garbage when told to. Ends with that process, or on a signal.
 */
export function serveForBench(app: Hono): ServerType {
  process.on('message', (message) => {
    if (message !== 'collect') return;
    globalThis.gc?.();
    process.send?.('collected');
  });
  // process.exit lets --cpu-prof write its file, which the default action of a signal does not.
  for (const event of ['disconnect', 'SIGINT', 'SIGTERM'] as const) process.once(event, () => process.exit(0));
  return serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
    process.send?.(`http://127.0.0.1:${port}`);
  });
}

/** What the bench says to a server: the address that media is served on, and the name of what is measured. */
export function serverArguments(): { readonly address: string; readonly name: string } {
  const [, , address = '127.0.0.1', name = ''] = process.argv;
  return { address, name };
}
