import { type IncomingMessage, createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerType, serve } from '@hono/node-server';
import type { Hono } from 'hono';

/** Collects garbage when the process that forked this one says so, and ends with it, or on a signal. */
function obeyParent(): void {
  process.on('message', (message) => {
    if (message !== 'collect') return;
    globalThis.gc?.();
    process.send?.('collected');
  });
  // process.exit lets --cpu-prof write its file, which the default action of a signal does not.
  for (const event of ['disconnect', 'SIGINT', 'SIGTERM'] as const) process.once(event, () => process.exit(0));
}

/** Serves on a free port of the loopback address, and tells the URL to the process that forked it (see {@link obeyParent}). */
export function serveForBench(app: Hono): ServerType {
  obeyParent();
  return serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
    process.send?.(`http://127.0.0.1:${port}`);
  });
}

/** Like {@link serveForBench}, for WebSockets. */
export function serveUpgrades(upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): void {
  obeyParent();
  const server = createServer().on('upgrade', upgrade);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.(`ws://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`);
  });
}

/** What the bench says to a server: the address that media is served on, and the name of what is measured. */
export function serverArguments(): { readonly address: string; readonly name: string } {
  const [, , address = '127.0.0.1', name = ''] = process.argv;
  return { address, name };
}
