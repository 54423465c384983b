import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { MediaError } from '@sluice/core';
import type { Hono } from 'hono';
import type { TlsCredentials } from './tls.ts';

/** An HTTP server that listens. */
export interface Listening {
  readonly port: number;
  /** `http://host:port`, or `https://` */
  readonly url: string;
  /** Serves connections from now on with another certificate; open ones go on. Only where there was one from the start. */
  setCredentials(credentials: TlsCredentials): void;
  /** Takes no new connection; those that carry a request may finish it. */
  stopAccepting(): void;
  /** Cuts what is still open and resolves when the port is free. */
  close(): Promise<void>;
}

/** Where {@link listen} listens, and how. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Makes it HTTPS. */
  readonly tls?: TlsCredentials | undefined;
  /** Takes the requests for a WebSocket (RFC 6455 section 4); without it they are answered as any other. */
  readonly onUpgrade?: ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) | undefined;
}

/**
 * Serves an app.
 * @throws MediaError PORT_IN_USE, CONFIG_INVALID
 */
export async function listen(app: Pick<Hono, 'fetch'>, { host, port, tls, onUpgrade }: ListenOptions): Promise<Listening> {
  const answer = getRequestListener(app.fetch);
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => void answer(request, response);
  const shouldUpgradeCallback = (request: IncomingMessage): boolean => onUpgrade !== undefined && wantsWebSocket(request);
  const secure = tls && createTlsServer({ cert: tls.cert, key: tls.key, shouldUpgradeCallback }, onRequest);
  const server = secure ?? createServer({ shouldUpgradeCallback }, onRequest);
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (request, socket, head) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    onUpgrade?.(request, socket, head);
  });
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
    url: `${secure ? 'https' : 'http'}://${isIPv6(host) ? `[${host}]` : host}:${actualPort}`,
    setCredentials: ({ cert, key }) => secure?.setSecureContext({ cert, key }),
    stopAccepting: () => void server.close(),
    async close() {
      server.close();
      server.closeAllConnections();
      // The server does not count these among its connections, and would wait for them all the same.
      for (const socket of upgraded) socket.destroy();
      await closed;
    },
  };
}

/** A client that would rather speak HTTP/2 (`Upgrade: h2c`) is answered in HTTP/1.1. */
function wantsWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
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
