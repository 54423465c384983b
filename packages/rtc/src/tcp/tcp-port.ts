import { type Server, type Socket, createServer, isIPv6 } from 'node:net';
import { type Clock, type Logger, MediaError } from '@sluice/core';
import { isWorthLogging } from '../udp/log-limit.ts';
import type { PeerAddress } from '../udp/peer-address.ts';
import { TcpConnection } from './tcp-connection.ts';
import { type TcpCounters, createTcpCounters } from './tcp-counters.ts';

/** Connections that the system completes before we take them; a page of viewers may come at once. */
const BACKLOG = 511;

/** Bounds of a {@link TcpPort}. */
export interface TcpLimits {
  /** Connections of all peers together. */
  readonly maxTcpConnections: number;
  /** Connections from one IP address. */
  readonly maxTcpConnectionsPerAddress: number;
  /** Datagrams are dropped while more bytes than this wait in one connection. */
  readonly maxTcpSendQueueBytes: number;
  /** From a connection's start until its first verified connectivity check, milliseconds. */
  readonly tcpVerifyTimeoutMs: number;
}

/** What {@link TcpPort.listen} takes. */
export interface TcpPortOptions {
  readonly port: number;
  /** Local addresses; at least one. */
  readonly addresses: readonly string[];
  readonly limits: TcpLimits;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** One TCP port number on every bound address, for peers whose network lets no UDP through (RFC 6544). */
export class TcpPort {
  /** Gets every frame and must not throw. The buffer is the receiver's to keep. */
  onPacket: (data: Buffer, from: PeerAddress) => void = () => undefined;
  /** A connection is gone, and its address with it. */
  onClosed: (address: PeerAddress) => void = () => undefined;

  readonly #options: TcpPortOptions;
  readonly #servers: readonly Server[];
  readonly #connections = new Set<TcpConnection>();
  readonly #connectionsOf = new Map<string, number>();
  readonly #counters = createTcpCounters();
  #closing: Promise<void> | undefined;

  private constructor(servers: readonly Server[], options: TcpPortOptions) {
    this.#options = options;
    this.#servers = servers;
    for (const server of servers) this.#accept(server);
  }

  /**
   * Listens on one port number on all addresses.
   * @throws MediaError PORT_IN_USE when another program has the port, CONFIG_INVALID when it may not be used
   */
  static async listen(options: TcpPortOptions): Promise<TcpPort> {
    const servers: Server[] = [];
    try {
      for (const address of options.addresses) servers.push(await openServer(address, options.port));
    } catch (error) {
      await closeAll(servers);
      throw listenError(error, options.port);
    }
    return new TcpPort(servers, options);
  }

  get counters(): Readonly<TcpCounters> {
    return this.#counters;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Takes no new connection, and closes those that are open after what they still have to send. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #close(): Promise<void> {
    const closed = closeAll(this.#servers);
    for (const connection of this.#connections) connection.close();
    return closed;
  }

  #accept(server: Server): void {
    server.on('error', (error) => {
      const count = ++this.#counters.socketErrors;
      if (isWorthLogging(count)) this.#options.logger.warn({ err: error, count }, 'A TCP listener for media reported an error');
    });
    server.on('connection', (socket) => this.#onConnection(socket));
  }

  #onConnection(socket: Socket): void {
    const { remoteAddress: address, remotePort: port } = socket;
    // The peer may have reset the connection before we came to take it.
    if (address === undefined || port === undefined) {
      socket.destroy();
      return;
    }
    const refusal = this.#refusalOf(address);
    if (refusal) {
      this.#refuse(socket, refusal, address);
      return;
    }
    this.#counters.accepted++;
    this.#open(socket, { address, port });
  }

  #refuse(socket: Socket, reason: keyof TcpCounters['refused'], address: string): void {
    socket.destroy();
    const count = ++this.#counters.refused[reason];
    if (isWorthLogging(count)) this.#options.logger.warn({ reason, address, count }, 'Too many TCP connections for media; rtc.maxTcpConnections and rtc.maxTcpConnectionsPerAddress are the limits');
  }

  #refusalOf(address: string): keyof TcpCounters['refused'] | undefined {
    const { maxTcpConnections, maxTcpConnectionsPerAddress } = this.#options.limits;
    if (this.#connections.size >= maxTcpConnections) return 'tooMany';
    return (this.#connectionsOf.get(address) ?? 0) >= maxTcpConnectionsPerAddress ? 'tooManyOfAddress' : undefined;
  }

  #open(socket: Socket, remote: { readonly address: string; readonly port: number }): void {
    const { limits, clock } = this.#options;
    const connection = new TcpConnection(socket, remote, {
      clock,
      counters: this.#counters,
      maxSendQueueBytes: limits.maxTcpSendQueueBytes,
      verifyTimeoutMs: limits.tcpVerifyTimeoutMs,
      onPacket: (data, from) => this.onPacket(data, from),
      onClosed: (from) => {
        this.#connections.delete(connection);
        this.#countConnection(remote.address, -1);
        this.onClosed(from);
      },
    });
    this.#connections.add(connection);
    this.#countConnection(remote.address, 1);
  }

  #countConnection(address: string, change: 1 | -1): void {
    const count = (this.#connectionsOf.get(address) ?? 0) + change;
    if (count > 0) this.#connectionsOf.set(address, count);
    else this.#connectionsOf.delete(address);
  }
}

function openServer(host: string, port: number): Promise<Server> {
  // Nagle's algorithm would hold a packet back until the one before it is acknowledged.
  const server = createServer({ noDelay: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: isIPv6(host), exclusive: true, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

function listenError(error: unknown, port: number): MediaError {
  const isInUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  if (isInUse) return new MediaError('PORT_IN_USE', `TCP port ${port} is in use by another program.`, { cause: error });
  const reason = error instanceof Error ? error.message : String(error);
  return new MediaError('CONFIG_INVALID', `TCP port ${port} cannot be opened (${reason}).`, { cause: error });
}

/** Resolves when the connections of the servers are closed too. */
async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => {
      server.close(() => resolve());
    })),
  );
}
