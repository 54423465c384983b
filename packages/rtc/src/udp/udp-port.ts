import { type Socket, createSocket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import { type Logger, MediaError } from '@sluice/core';
import { isWorthLogging } from './log-limit.ts';
import type { PeerAddress } from './peer-address.ts';
import type { SystemSocket, UdpDropReason } from './sender-port.ts';
import type { PollableSocket } from './receive-polling.ts';
import { setReading, socketDescriptor } from './socket-handle.ts';

const ANY_IPV4 = '0.0.0.0';
const ANY_IPV6 = '::';
const KERNEL_BUFFER_BYTES = 4 * 1024 * 1024;
const DEFAULT_MAX_SEND_QUEUE_BYTES = 1024 * 1024;
const PORT_ATTEMPTS = 10;
const FAMILY_MISSING = new Set(['EAFNOSUPPORT', 'EPROTONOSUPPORT', 'EADDRNOTAVAIL']);

/** What {@link UdpPort.bind} takes. */
export interface UdpPortOptions {
  /** 0 to 65535; 0 picks a port that is free on all addresses. */
  readonly port: number;
  /** Local addresses to bind. Default: all of IPv4 and, where the machine has it, all of IPv6. */
  readonly addresses?: readonly string[] | undefined;
  readonly logger: Logger;
  /** Datagrams are dropped while more bytes than this wait in one socket. Default 1 MiB. */
  readonly maxSendQueueBytes?: number | undefined;
}

/** Counters of a {@link UdpPort} since it was bound. */
export interface UdpPortCounters {
  readonly received: number;
  readonly sent: number;
  /** Errors that the system reported on a socket after it was bound. */
  readonly socketErrors: number;
  /** Datagrams that were not sent, by reason. */
  readonly dropped: Readonly<Record<UdpDropReason, number>>;
}

/** One UDP port number on every bound address; all sessions share it. */
export class UdpPort {
  readonly port: number;
  /** The bound addresses; `0.0.0.0` and `::` stand for all of their family. */
  readonly addresses: readonly string[];
  /** The bound sockets by their local address, for native code. */
  readonly systemSockets: ReadonlyMap<string, SystemSocket>;
  /** Gets every datagram and must not throw. The buffer is the receiver's to keep. */
  onPacket: (data: Buffer, from: PeerAddress) => void = () => undefined;
  /** Told of every datagram that Node has read, after {@link onPacket}. */
  onRead: () => void = () => undefined;

  readonly #logger: Logger;
  readonly #maxSendQueueBytes: number;
  readonly #sockets: ReadonlyMap<string, Socket>;
  /** The first bound address of each family; one that is not bound when there is none. */
  readonly #ipv4: string;
  readonly #ipv6: string;
  readonly #counters = { received: 0, sent: 0, socketErrors: 0, dropped: { queueFull: 0, noSocket: 0, refused: 0, closed: 0 } };
  #closing: Promise<void> | undefined;

  private constructor(sockets: ReadonlyMap<string, Socket>, port: number, options: UdpPortOptions) {
    this.port = port;
    this.addresses = [...sockets.keys()];
    this.#logger = options.logger;
    this.#maxSendQueueBytes = options.maxSendQueueBytes ?? DEFAULT_MAX_SEND_QUEUE_BYTES;
    this.#sockets = sockets;
    this.systemSockets = new Map(Array.from(sockets, ([address, socket]) => [address, systemSocket(socket)]));
    this.#ipv4 = this.addresses.find((address) => !isIPv6(address)) ?? ANY_IPV4;
    this.#ipv6 = this.addresses.find(isIPv6) ?? ANY_IPV6;
    for (const [address, socket] of sockets) this.#listen(address, socket);
  }

  /**
   * Binds one port number on all addresses.
   * @throws MediaError PORT_IN_USE when another program has the port, CONFIG_INVALID when an
   * address is none of this machine's, or the port may not be bound
   */
  static async bind(options: UdpPortOptions): Promise<UdpPort> {
    const addresses = options.addresses ?? [ANY_IPV4, ANY_IPV6];
    checkAddresses(addresses);
    const sockets = await bindAll(addresses, options);
    return new UdpPort(sockets, firstPort(sockets), options);
  }

  get counters(): UdpPortCounters {
    return this.#counters;
  }

  /**
   * Hands a datagram to the system, without waiting and without throwing. The
   * bytes must stay unchanged afterwards, because a busy socket sends them later.
   * @returns false when the datagram was dropped; the counters say why
   */
  send(data: Uint8Array, to: PeerAddress): boolean {
    const dropped = this.#counters.dropped;
    if (this.#closing) return drop(dropped, 'closed');
    const socket = this.#sockets.get(this.#localAddressOf(to));
    if (!socket) return drop(dropped, 'noSocket');
    if (socket.getSendQueueSize() > this.#maxSendQueueBytes) return drop(dropped, 'queueFull');
    try {
      socket.send(data, to.port, to.address);
    } catch {
      return drop(dropped, 'refused');
    }
    this.#counters.sent++;
    return true;
  }

  /** Whether a busy socket has kept datagrams that it will read and send later. */
  get hasQueue(): boolean {
    for (const socket of this.#sockets.values()) if (socket.getSendQueueCount() > 0) return true;
    return false;
  }

  /** The socket that packets to this address leave from, for native code. */
  socketFor(to: PeerAddress): SystemSocket | undefined {
    return this.systemSockets.get(this.#localAddressOf(to));
  }

  /** The sockets of IPv4; senders over IPv6 may have zones, which only Node reads. */
  get pollableSockets(): readonly PollableSocket[] {
    return Array.from(this.#sockets).filter(([address]) => !isIPv6(address)).map(([address, socket]) => ({
      get descriptor() {
        return socketDescriptor(socket);
      },
      setReading: (reading) => setReading(socket, reading),
      receive: this.#receiverOf(address),
    }));
  }

  /** Whether it was closed; its sockets may be others' by now. */
  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** Counts what was sent on a socket of this port without {@link send}. */
  countSent(datagrams: number): void {
    this.#counters.sent += datagrams;
  }

  /** Counts what was not sent on a socket of this port, without {@link send}. */
  countDropped(reason: UdpDropReason, datagrams: number): void {
    this.#counters.dropped[reason] += datagrams;
  }

  /** Closes all sockets; datagrams sent afterwards are dropped. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= closeAll(this.#sockets.values());
    return this.#closing;
  }

  #localAddressOf({ localAddress, address }: PeerAddress): string {
    return localAddress ?? (address.includes(':') ? this.#ipv6 : this.#ipv4);
  }

  #listen(address: string, socket: Socket): void {
    socket.on('error', (error) => {
      const count = ++this.#counters.socketErrors;
      if (isWorthLogging(count)) this.#logger.warn({ err: error, address, count }, 'UDP socket error');
    });
    const receive = this.#receiverOf(address);
    socket.on('message', (data, from) => {
      receive(data, from);
      this.onRead();
    });
  }

  #receiverOf(localAddress: string): (data: Buffer, from: PeerAddress) => void {
    const isOnlyOne = this.addresses.filter((other) => isIPv6(other) === isIPv6(localAddress)).length === 1;
    return (data, from) => {
      this.#counters.received++;
      this.onPacket(data, isOnlyOne ? from : { address: from.address, port: from.port, localAddress });
    };
  }
}

function systemSocket(socket: Socket): SystemSocket {
  return {
    get descriptor() {
      return socketDescriptor(socket);
    },
  };
}

function drop(counters: Record<UdpDropReason, number>, reason: UdpDropReason): false {
  counters[reason]++;
  return false;
}

function checkAddresses(addresses: readonly string[]): void {
  if (addresses.length === 0) throw new MediaError('CONFIG_INVALID', 'The list of UDP addresses is empty; name at least one, or leave the list out to bind all interfaces.');
  for (const address of addresses) {
    if (isIP(address) === 0) throw new MediaError('CONFIG_INVALID', `"${address}" is no IP address; the UDP port can only be bound to IP addresses of this machine.`);
  }
}

/** Binds all addresses to one port; a port that was picked here is picked anew when another address has it in use. */
async function bindAll(addresses: readonly string[], options: UdpPortOptions): Promise<ReadonlyMap<string, Socket>> {
  for (let attempt = 1; ; attempt++) {
    const sockets = new Map<string, Socket>();
    try {
      for (const address of new Set(addresses)) {
        const port = sockets.size === 0 ? options.port : firstPort(sockets);
        const socket = await bindOne(address, port, options);
        if (socket) sockets.set(address, socket);
      }
      if (sockets.size > 0) return sockets;
      throw new MediaError('CONFIG_INVALID', 'This machine has neither IPv4 nor IPv6, so the UDP port cannot be bound.');
    } catch (error) {
      await closeAll(sockets.values());
      const pickAnew = options.port === 0 && errorCode(error) === 'EADDRINUSE' && attempt < PORT_ATTEMPTS;
      if (!pickAnew) throw bindError(error, options.port);
    }
  }
}

/** Undefined when nobody asked for the family and the machine has it not. */
async function bindOne(address: string, port: number, options: UdpPortOptions): Promise<Socket | undefined> {
  try {
    return await openSocket(address, port, options.logger);
  } catch (error) {
    const optional = options.addresses === undefined && FAMILY_MISSING.has(errorCode(error));
    if (!optional) throw error;
    options.logger.debug({ err: error, address }, 'The machine lacks an address family');
    return undefined;
  }
}

function openSocket(address: string, port: number, logger: Logger): Promise<Socket> {
  const socket = createSocket({
    type: isIPv6(address) ? 'udp6' : 'udp4',
    ipv6Only: isIPv6(address),
    // Only literal addresses are used, so a datagram needs no turn of the resolver and never asks DNS.
    lookup: (literal, _options, callback) => callback(null, literal, isIP(literal)),
  });
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      enlargeKernelBuffers(socket, logger);
      resolve(socket);
    });
  });
}

/** A keyframe to many viewers, or one second of many publishers, overruns the usual 208 KiB. */
function enlargeKernelBuffers(socket: Socket, logger: Logger): void {
  try {
    socket.setRecvBufferSize(KERNEL_BUFFER_BYTES);
    socket.setSendBufferSize(KERNEL_BUFFER_BYTES);
  } catch (error) {
    logger.debug({ err: error }, 'The system refused larger UDP buffers');
  }
}

function bindError(error: unknown, port: number): unknown {
  if (error instanceof MediaError) return error;
  const code = errorCode(error);
  if (code === 'EADDRINUSE') {
    return new MediaError('PORT_IN_USE', `UDP port ${port} is in use by another program; stop that program or choose another port for media.`, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new MediaError('CONFIG_INVALID', `The UDP port for media cannot be opened (${reason}); check its number and addresses, and whether this user may use them.`, { cause: error });
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function firstPort(sockets: ReadonlyMap<string, Socket>): number {
  for (const socket of sockets.values()) return socket.address().port;
  return 0;
}

async function closeAll(sockets: Iterable<Socket>): Promise<void> {
  await Promise.all(
    Array.from(sockets, (socket) => new Promise<void>((resolve) => {
      socket.close(resolve);
    })),
  );
}
