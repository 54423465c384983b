import { type RemoteAddress, addressRanges, plainAddress } from '@sluice/core';
import type { Context } from 'hono';

/** Where a request came from, and under which address it asked for us. */
export interface Client {
  readonly remote: RemoteAddress | undefined;
  /** Scheme, host and port as the client sees them. */
  readonly origin: URL;
}

/** What {@link createClientReader} takes. */
export interface ClientOptions {
  readonly trustProxy: readonly string[];
  readonly clientAddress: (c: Context) => RemoteAddress | undefined;
}

/**
 * Reads the client's address, through trusted reverse proxies only.
 * @throws MediaError CONFIG_INVALID when a proxy is neither an address nor a CIDR range
 */
export function createClientReader(options: ClientOptions): (c: Context) => Client {
  const isTrusted = addressRanges('trustProxy', options.trustProxy);
  return (c) => {
    const direct = plainRemote(options.clientAddress(c));
    const origin = new URL(c.req.url);
    if (!direct || !isTrusted(direct.address)) return { remote: direct, origin };
    return {
      remote: forwardedAddress(c.req.header('x-forwarded-for'), isTrusted) ?? direct,
      origin: forwardedOrigin(origin, c.req.header('x-forwarded-proto'), c.req.header('x-forwarded-host')),
    };
  };
}

/**
 * Reads the client's address from a socket and the header X-Forwarded-For, through trusted reverse proxies only.
 * @throws MediaError CONFIG_INVALID when a proxy is neither an address nor a CIDR range
 */
export function createRemoteReader(trustProxy: readonly string[]): (socket: RemoteAddress | undefined, forwardedFor: string | undefined) => RemoteAddress | undefined {
  const isTrusted = addressRanges('trustProxy', trustProxy);
  return (socket, forwardedFor) => {
    const direct = plainRemote(socket);
    if (!direct || !isTrusted(direct.address)) return direct;
    return forwardedAddress(forwardedFor, isTrusted) ?? direct;
  };
}

function plainRemote(socket: RemoteAddress | undefined): RemoteAddress | undefined {
  return socket && { ...socket, address: plainAddress(socket.address) ?? socket.address };
}

/** The socket's address, in a host that is `@hono/node-server`. */
export function nodeServerAddress(c: Context): RemoteAddress | undefined {
  const bindings: { incoming?: { socket?: { remoteAddress?: string; remotePort?: number } } } | undefined = c.env;
  const socket = bindings?.incoming?.socket;
  if (socket?.remoteAddress === undefined) return undefined;
  return { address: socket.remoteAddress, port: socket.remotePort ?? 0 };
}

/** Each proxy appends whom it heard; the last one that is no proxy of ours is the client. */
function forwardedAddress(header: string | undefined, isTrusted: (address: string) => boolean): RemoteAddress | undefined {
  let nearest: RemoteAddress | undefined;
  for (const text of (header ?? '').split(',').toReversed()) {
    const hop = hopOf(text.trim());
    if (!hop) break;
    nearest = hop;
    if (!isTrusted(hop.address)) break;
  }
  return nearest;
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function hopOf(text: string): RemoteAddress | undefined {
  const [, bracketed, dotted, port = '0'] = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = plainAddress(bracketed ?? dotted ?? text);
  return address === undefined ? undefined : { address, port: Number(port) };
}

function forwardedOrigin(direct: URL, protocol: string | undefined, host: string | undefined): URL {
  const scheme = firstOf(protocol) ?? direct.protocol.slice(0, -1);
  const origin = `${scheme}://${firstOf(host) ?? direct.host}`;
  return /^https?$/.test(scheme) && URL.canParse(origin) ? new URL(origin) : direct;
}

function firstOf(header: string | undefined): string | undefined {
  return header?.split(',', 1)[0]?.trim() || undefined;
}
