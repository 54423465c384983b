import type { RemoteAddress } from '@sluice/core';

/** A TCP connection that a peer's packets come on; answers leave on it and on no other. */
export interface PeerConnection {
  /**
   * Hands a datagram to the connection, without waiting and without throwing.
   * @returns false when it was dropped
   */
  send(data: Uint8Array): boolean;
  /** A connectivity check on it was verified, so it may stay while its session does. */
  verified(): void;
  /** Its session needs it no longer. Idempotent. */
  close(): void;
}

/**
 * A remote address as the UDP port or a TCP connection saw it. Keep the object and
 * send to it as it came: rebuilding it from address and port would lose the local side.
 */
export interface PeerAddress extends RemoteAddress {
  /** The local address it wrote to; answers leave from there. Only set when several of one family are bound. */
  readonly localAddress?: string | undefined;
  /** Undefined for UDP. */
  readonly connection?: PeerConnection | undefined;
}

/** Whether two addresses are the same peer's socket, whatever local address it wrote to. */
export function sameRemote(a: PeerAddress, b: PeerAddress): boolean {
  return a.port === b.port && a.address === b.address && a.connection === b.connection;
}

/** Whether two addresses are the same path, the local side included. */
export function samePath(a: PeerAddress, b: PeerAddress): boolean {
  return sameRemote(a, b) && a.localAddress === b.localAddress;
}
