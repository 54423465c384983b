import type { RemoteAddress } from '@sluice/core';

/**
 * A remote address as the UDP port saw it. Keep the object and send to it as it
 * came: rebuilding it from address and port would lose the local side.
 */
export interface PeerAddress extends RemoteAddress {
  /** The local address it wrote to; answers leave from there. Only set when several of one family are bound. */
  readonly localAddress?: string | undefined;
}

/** Whether two addresses are the same peer's socket, whatever local address it wrote to. */
export function sameRemote(a: RemoteAddress, b: RemoteAddress): boolean {
  return a.port === b.port && a.address === b.address;
}

/** Whether two addresses are the same path, the local side included. */
export function samePath(a: PeerAddress, b: PeerAddress): boolean {
  return sameRemote(a, b) && a.localAddress === b.localAddress;
}
