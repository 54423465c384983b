import { type Logger, type WebRtcPluginManager, type WebSocketEndpoint, webSocketEndpoints } from '@sluice/core';
import type { WebSockets } from '@sluice/http';
import { type Listening, listen } from './listen.ts';
import type { TlsCredentials } from './tls.ts';

/** An endpoint with a port of its own. */
type OwnPortEndpoint = WebSocketEndpoint & Required<Pick<WebSocketEndpoint, 'listen'>>;

/** Endpoints of plugins that ask for a port of their own. */
export function ownPortEndpoints(manager: Pick<WebRtcPluginManager, 'contributions'>): readonly OwnPortEndpoint[] {
  return manager.contributions(webSocketEndpoints).flatMap(({ value }) => (value.listen ? [Object.assign(value, { listen: value.listen })] : []));
}

/** What {@link listenForWebSockets} takes. */
export interface WebSocketPortOptions {
  readonly webSockets: WebSockets;
  /** Where an endpoint without a host listens. */
  readonly host: string;
  readonly tls: TlsCredentials | undefined;
  readonly logger: Logger;
}

/**
 * Serves one endpoint at its port.
 * @throws MediaError PORT_IN_USE, CONFIG_INVALID
 */
export async function listenForWebSockets(endpoint: OwnPortEndpoint, { webSockets, host, tls, logger }: WebSocketPortOptions): Promise<Listening> {
  const where = { host: endpoint.listen.host ?? host, port: endpoint.listen.port, tls };
  const own = await listen({ fetch: upgradeRequired }, { ...where, onUpgrade: (...request) => webSockets.upgrade(...request, endpoint) });
  logger.info({ url: own.url.replace(/^http/, 'ws'), path: endpoint.path }, `WebSocket clients are served at ${own.url.replace(/^http/, 'ws')}`);
  return own;
}

/** RFC 9110 section 15.5.22. */
function upgradeRequired(): Response {
  return new Response('Only WebSocket clients are served here.\n', { status: 426, headers: { connection: 'Upgrade', upgrade: 'websocket' } });
}
