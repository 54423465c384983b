import type { PeerAddress } from './peer-address.ts';

/**
 * Why a datagram was not sent: the socket's send queue was full; there is no socket of the address family, or
 * of the local address; the system refused the datagram or its address; the port was closed.
 */
export type UdpDropReason = 'queueFull' | 'noSocket' | 'refused' | 'closed';

/** A UDP socket as native code sees it. */
export interface SystemSocket {
  /** Of the open file; undefined when there is none any more. */
  readonly descriptor: number | undefined;
}

/** What a sender of batches needs of the port: the media port itself, or what a worker has of it. */
export interface SenderPort {
  /** Whether a busy socket has kept datagrams that it will read and send later. */
  readonly hasQueue: boolean;
  /** Whether it was closed; its sockets may be others' by now. */
  readonly isClosed: boolean;
  /**
   * Sends one datagram. Neither waits nor throws; the bytes must stay unchanged.
   * @returns false when it was dropped, and counted
   */
  send(data: Uint8Array, to: PeerAddress): boolean;
  /** The socket that packets to this address leave from, the same object each time. */
  socketFor(to: PeerAddress): SystemSocket | undefined;
  /** Counts what was sent on a socket of this port without {@link send}. */
  countSent(datagrams: number): void;
  /** Counts what was not sent on a socket of this port, without {@link send}. */
  countDropped(reason: UdpDropReason, datagrams: number): void;
}
