import { BlockList, isIP } from 'node:net';
import { MediaError, type RemoteAddress } from '@sluice/core';
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
  const trusted = blockListOf(options.trustProxy);
  return (c) => {
    const socket = options.clientAddress(c);
    const direct = { remote: socket && { ...socket, address: withoutMapping(socket.address) }, origin: new URL(c.req.url) };
    if (!direct.remote || !isTrusted(trusted, direct.remote.address)) return direct;
    return {
      remote: forwardedAddress(c.req.header('x-forwarded-for'), trusted) ?? direct.remote,
      origin: forwardedOrigin(direct.origin, c.req.header('x-forwarded-proto'), c.req.header('x-forwarded-host')),
    };
  };
}

/** The socket's address, in a host that is `@hono/node-server`. */
export function nodeServerAddress(c: Context): RemoteAddress | undefined {
  const bindings: { incoming?: { socket?: { remoteAddress?: string; remotePort?: number } } } | undefined = c.env;
  const socket = bindings?.incoming?.socket;
  if (socket?.remoteAddress === undefined) return undefined;
  return { address: socket.remoteAddress, port: socket.remotePort ?? 0 };
}

/** Each proxy appends whom it heard; the last one that is no proxy of ours is the client. */
function forwardedAddress(header: string | undefined, trusted: BlockList): RemoteAddress | undefined {
  let nearest: string | undefined;
  for (const hop of (header ?? '').split(',').toReversed()) {
    const address = withoutMapping(hop.trim());
    if (isIP(address) === 0) break;
    nearest = address;
    if (!isTrusted(trusted, address)) break;
  }
  return nearest === undefined ? undefined : { address: nearest, port: 0 };
}

function forwardedOrigin(direct: URL, protocol: string | undefined, host: string | undefined): URL {
  const scheme = firstOf(protocol) ?? direct.protocol.slice(0, -1);
  const origin = `${scheme}://${firstOf(host) ?? direct.host}`;
  return /^https?$/.test(scheme) && URL.canParse(origin) ? new URL(origin) : direct;
}

function firstOf(header: string | undefined): string | undefined {
  return header?.split(',', 1)[0]?.trim() || undefined;
}

/** A dual-stack socket says `::ffff:192.0.2.1` for an IPv4 client (RFC 4291 section 2.5.5.2). */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

function isTrusted(trusted: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && trusted.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) addRange(list, range);
  return list;
}

function addRange(list: BlockList, range: string): void {
  const [address = '', prefix] = range.split('/');
  const version = isIP(address);
  const longest = version === 6 ? 128 : 32;
  const length = prefix === undefined ? longest : Number(prefix);
  if (version === 0 || prefix === '' || !Number.isInteger(length) || length < 0 || length > longest) {
    throw new MediaError('CONFIG_INVALID', `trustProxy takes addresses and CIDR ranges, not '${range}'.`);
  }
  list.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4');
}
