import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Clock, type Contribution, type Logger, type RemoteAddress, type WebRtcPluginManager, type WebSocketEndpoint, type WebSocketLimits, givenLimits, silentLogger, systemClock, webSocketEndpoints } from '@sluice/core';
import { type WebSocket, WebSocketServer } from 'ws';
import { createRemoteReader } from '../request/client.ts';
import { credentialsOf } from '../request/credentials.ts';
import { ServedConnection } from './connection.ts';
import { type Refusal, refuse } from './refusal.ts';

const DEFAULT_LIMITS: WebSocketLimits = {
  maxMessageBytes: 65_536,
  maxMessagesPerSecond: 200,
  maxConnections: 5_000,
  maxConnectionsPerAddress: 5_000,
  maxQueuedBytes: 1_048_576,
  pingIntervalMs: 30_000,
};

/** What {@link createWebSockets} takes. */
export interface WebSocketOptions {
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** Addresses and CIDR ranges of reverse proxies whose X-Forwarded-For is believed. Default none. */
  readonly trustProxy?: readonly string[] | undefined;
}

/** Serves the WebSocket endpoints of plugins. */
export interface WebSockets {
  /**
   * For the `upgrade` event of an HTTP server.
   * @param endpoint of a port of its own; without it the request's path decides among the endpoints of the host's port
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, endpoint?: WebSocketEndpoint): void;
  /**
   * Believes these reverse proxies from the next client on.
   * @throws MediaError CONFIG_INVALID when one is neither an address nor a CIDR range; those before count then
   */
  trust(proxies: readonly string[]): void;
  /** Refuses new clients, closes the open ones with 1001 and resolves when they are gone, within a second or so. */
  close(): Promise<void>;
}

/** @throws MediaError CONFIG_INVALID when a proxy is neither an address nor a CIDR range */
export function createWebSockets(manager: Pick<WebRtcPluginManager, 'contributions' | 'phase'>, options: WebSocketOptions = {}): WebSockets {
  return new EndpointServer(manager, options);
}

interface Served {
  /** What the endpoint gave when these limits were made. */
  given: WebSocketEndpoint['limits'];
  server: WebSocketServer;
  limits: WebSocketLimits;
  readonly connections: Set<ServedConnection>;
  readonly byAddress: Map<string, number>;
}

class EndpointServer implements WebSockets {
  readonly #manager: Pick<WebRtcPluginManager, 'contributions' | 'phase'>;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #remoteOf: ReturnType<typeof createRemoteReader>;
  readonly #served = new Map<WebSocketEndpoint, Served>();
  #closed = false;

  constructor(manager: Pick<WebRtcPluginManager, 'contributions' | 'phase'>, { logger = silentLogger, clock = systemClock, trustProxy = [] }: WebSocketOptions) {
    this.#manager = manager;
    this.#logger = logger;
    this.#clock = clock;
    this.#remoteOf = createRemoteReader(trustProxy);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, own?: WebSocketEndpoint): void {
    // A client may reset its connection at any time.
    socket.on('error', () => socket.destroy());
    const url = urlOf(request);
    const endpoint = own ?? this.#endpointAt(url?.pathname);
    if (!url || !endpoint) return refuse(socket, { status: 404, detail: 'There is no WebSocket endpoint at this path.' });
    const served = this.#servedOf(endpoint);
    const remote = this.#remoteOf(addressOf(request), header(request, 'x-forwarded-for'));
    const refusal = this.#refusal(request, { endpoint, served, remote });
    if (refusal) {
      endpoint.refused?.(refusal.status);
      return refuse(socket, refusal);
    }
    served.server.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, { request, url, remote, endpoint, served }));
  }

  trust(proxies: readonly string[]): void {
    this.#remoteOf = createRemoteReader(proxies);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = Array.from(this.#served.values(), ({ connections }) => [...connections]).flat();
    for (const connection of open) connection.close(1001, 'The server is stopping.');
    await Promise.all(open.map(({ gone }) => gone));
  }

  #endpointAt(path: string | undefined): WebSocketEndpoint | undefined {
    const here = ({ value }: Contribution<WebSocketEndpoint>): boolean => !value.listen && value.path === path;
    return this.#manager.contributions(webSocketEndpoints).find(here)?.value;
  }

  #servedOf(endpoint: WebSocketEndpoint): Served {
    const known = this.#served.get(endpoint);
    if (known && known.given === endpoint.limits) return known;
    // Those who are there keep the limits that they came with.
    const fresh = { given: endpoint.limits, ...withLimits(endpoint.limits) };
    const served = known ? Object.assign(known, fresh) : { ...fresh, connections: new Set<ServedConnection>(), byAddress: new Map<string, number>() };
    this.#served.set(endpoint, served);
    return served;
  }

  #refusal(request: IncomingMessage, { endpoint, served, remote }: { endpoint: WebSocketEndpoint; served: Served; remote: RemoteAddress | undefined }): Refusal | undefined {
    const { limits, connections, byAddress } = served;
    const { origin } = request.headers;
    if (this.#closed || this.#manager.phase === 'draining') return { status: 503, detail: 'The server is stopping; connect to another one, or later.' };
    // A client that is no browser sends no Origin, and could send any.
    if (origin !== undefined && endpoint.origins && !endpoint.origins.includes(origin)) {
      return { status: 403, detail: `Pages of ${origin} may not connect here; add it to the origins of this endpoint.` };
    }
    if (connections.size >= limits.maxConnections) return { status: 503, detail: `There are ${limits.maxConnections} clients already (maxConnections); try again later.` };
    if ((byAddress.get(remote?.address ?? '') ?? 0) >= limits.maxConnectionsPerAddress) {
      return { status: 429, detail: `Your address has ${limits.maxConnectionsPerAddress} connections already (maxConnectionsPerAddress); close one first.` };
    }
    return undefined;
  }

  #open(socket: WebSocket, { request, url, remote, endpoint, served }: { request: IncomingMessage; url: URL; remote: RemoteAddress | undefined; endpoint: WebSocketEndpoint; served: Served }): void {
    const { connections, byAddress, limits } = served;
    const connection = new ServedConnection({
      socket,
      remote,
      query: url.searchParams,
      headers: new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      credentials: credentialsOf(request.headers.authorization, url.searchParams.get('token') ?? undefined),
      limits,
      clock: this.#clock,
      onFailure: (error) => this.#logger.error({ err: error, path: endpoint.path }, 'A WebSocket endpoint of a plugin failed'),
    });
    const address = remote?.address ?? '';
    connections.add(connection);
    byAddress.set(address, (byAddress.get(address) ?? 0) + 1);
    connection.onClose(() => {
      connections.delete(connection);
      const left = (byAddress.get(address) ?? 1) - 1;
      if (left > 0) byAddress.set(address, left);
      else byAddress.delete(address);
    });
    connection.guard(() => endpoint.open(connection));
  }
}

function withLimits(given: WebSocketEndpoint['limits']): Pick<Served, 'server' | 'limits'> {
  const limits = { ...DEFAULT_LIMITS, ...givenLimits(given) };
  return { limits, server: new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, autoPong: false, maxPayload: limits.maxMessageBytes }) };
}

function urlOf({ url = '/' }: IncomingMessage): URL | undefined {
  return URL.parse(`http://localhost${url.startsWith('/') ? url : '/'}`) ?? undefined;
}

function addressOf({ socket }: IncomingMessage): RemoteAddress | undefined {
  return socket.remoteAddress === undefined ? undefined : { address: socket.remoteAddress, port: socket.remotePort ?? 0 };
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
