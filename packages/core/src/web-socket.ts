import { type ExtensionPoint, extensionPoint } from './extension-points.ts';
import type { Credentials } from './hook-points.ts';
import type { RemoteAddress } from './media.ts';
import { safeEqual } from './tokens.ts';

/** Bounds of one WebSocket endpoint. */
export interface WebSocketLimits {
  /** Bytes of one message; a longer one closes the connection with 1009. */
  readonly maxMessageBytes: number;
  /** Messages and pings that one client may send in a second; at more it is closed with 1008. */
  readonly maxMessagesPerSecond: number;
  /** Clients at the same time; more are answered 503. */
  readonly maxConnections: number;
  /** Clients of one address at the same time; more are answered 429. */
  readonly maxConnectionsPerAddress: number;
  /** Bytes that wait for one client; what is sent beyond is dropped. */
  readonly maxQueuedBytes: number;
  /** Time between two pings, milliseconds; a client that has not answered one until the next is cut. */
  readonly pingIntervalMs: number;
}

/** {@link WebSocketLimits} as options of a plugin; what is not given has the host's default. */
export type WebSocketLimitOptions = { readonly [Limit in keyof WebSocketLimits]?: number | undefined };

/** The limits that are given; one that is undefined has its default. */
export function givenLimits(limits: WebSocketLimitOptions = {}): Partial<WebSocketLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

/** One WebSocket client (RFC 6455). It speaks text; a host closes one that sends bytes with 1003. */
export interface WebSocketConnection {
  readonly remote: RemoteAddress | undefined;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** From the header Authorization, or the query parameter `token`, because browsers cannot set the former. */
  readonly credentials: Credentials;
  /** Returns false, and sends nothing, when the connection is not open or too many bytes wait for the client. */
  send(text: string): boolean;
  /** @param reason at most 123 bytes of UTF-8; longer ones are cut */
  close(code: number, reason: string): void;
  /** Whether the client answers a ping within `timeoutMs`. Who asks while another ping is on its way gets the answer to that one. */
  probe(timeoutMs: number): Promise<boolean>;
  onMessage(handler: (text: string) => void): void;
  /** Runs once, whoever closed. `code` is 1006 when the connection broke, 1009 or 1002 when the client sent too much or no WebSocket frames. */
  onClose(handler: (code: number, reason: string) => void): void;
}

/** Where WebSocket clients come to. */
export interface WebSocketEndpoint {
  /** Starts with `/`; on a port of its own `*` stands for every path. */
  readonly path: string;
  /** A port of its own; without it the endpoint is at the host's port. 0 takes a free one. */
  readonly listen?: { readonly host?: string | undefined; readonly port: number } | undefined;
  /** What is not given has the host's default. Another object counts from the next client on. */
  readonly limits?: Partial<WebSocketLimits> | undefined;
  /** Origins whose pages may connect, such as `https://example.org`; others are answered 403. Default: all. */
  readonly origins?: readonly string[] | undefined;
  open(connection: WebSocketConnection): void;
  /** A client was turned away with this HTTP status before it was open. */
  refused?(status: number): void;
}

/**
 * Whether a client has brought the token of its endpoint, compared in constant time; everybody has where there is none.
 * @param given what the client's message says, instead of what its connection brought
 */
export function bringsToken({ credentials }: Pick<WebSocketConnection, 'credentials'>, token: string | undefined, given: unknown): boolean {
  if (token === undefined) return true;
  const brought = typeof given === 'string' ? given : credentials.token;
  return brought !== undefined && safeEqual(brought, token);
}

/** WebSocket endpoints of plugins, served by hosts that have WebSockets. */
export const webSocketEndpoints: ExtensionPoint<WebSocketEndpoint> = extensionPoint('web-socket-endpoints');

/** What may change of an endpoint that is there. */
export type WebSocketAccess = Pick<WebSocketEndpoint, 'limits' | 'origins'>;

/** An endpoint that asks for its limits and origins at each client. Hand it on as it is: a copy of it would keep those of now. */
export function changeableEndpoint(endpoint: Omit<WebSocketEndpoint, keyof WebSocketAccess>, access: () => WebSocketAccess): WebSocketEndpoint {
  return {
    ...endpoint,
    get limits() {
      return access().limits;
    },
    get origins() {
      return access().origins;
    },
  };
}
