import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { isIPv6 } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { MediaError } from '@sluice/core';
import type { Hono } from 'hono';

/** An HTTP server that listens. */
export interface Listening {
  readonly port: number;
  /** `http://host:port` */
  readonly url: string;
  /** Takes no new connection; those that carry a request may finish it. */
  stopAccepting(): void;
  /** Cuts what is still open and resolves when the port is free. */
  close(): Promise<void>;
}

/**
 * Serves an app.
 * @throws MediaError PORT_IN_USE, CONFIG_INVALID
 */
export async function listen(app: Pick<Hono, 'fetch'>, { host, port }: { readonly host: string; readonly port: number }): Promise<Listening> {
  const answer = getRequestListener(app.fetch);
  const server = createServer((request, response) => void answer(request, response));
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (error) {
    throw listenError(error, host, port);
  }
  const actualPort = portOf(server);
  const closed = once(server, 'close');
  return {
    port: actualPort,
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${actualPort}`,
    stopAccepting: () => void server.close(),
    async close() {
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new MediaError('INTERNAL', 'The HTTP server listens on no TCP port.');
  return address.port;
}

function listenError(error: unknown, host: string, port: number): MediaError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    const message = `The HTTP port ${port} of ${host} is in use by another program: stop that one, or choose another port with --http-port.`;
    return new MediaError('PORT_IN_USE', message, { cause: error });
  }
  if (code === 'EACCES') {
    return new MediaError('CONFIG_INVALID', `The HTTP port ${port} needs a privileged user: choose one above 1023 with --http-port.`, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new MediaError('CONFIG_INVALID', `HTTP cannot listen on ${host} port ${port} (${reason}): choose another --host.`, { cause: error });
}
