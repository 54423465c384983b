import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Clock, MediaError, type RemoteAddress, systemClock } from '@sluice/core';
import { ImpairedLink, type LinkCounters } from './impaired-link.ts';
import type { LinkImpairment } from './link-impairment.ts';
import { replaceCandidates } from './replace-candidates.ts';

/** What each direction suffers. */
export interface PathImpairment {
  readonly toServer?: LinkImpairment | undefined;
  readonly toClient?: LinkImpairment | undefined;
}

/** What {@link createImpairedPath} takes. */
export interface ImpairedPathOptions extends PathImpairment {
  /** UDP address of the server. Without it the first answer given to `replaceCandidates` says it. */
  readonly server?: RemoteAddress | undefined;
  /** The n-th packet of a direction always has the same fate with the same seed. Default 1. */
  readonly seed?: number | undefined;
  /** Packets under way at once, per direction; more are dropped and counted. Default 1,000. */
  readonly maxQueued?: number | undefined;
  /** Client addresses served; packets of further ones are dropped and counted. Default 16. */
  readonly maxClients?: number | undefined;
  /** Default: the clock of the process. */
  readonly clock?: Clock | undefined;
}

/** Counters of a path. */
export interface PathCounters {
  readonly toServer: LinkCounters;
  readonly toClient: LinkCounters;
  /** Packets dropped because they came from too many addresses, or before the server was known. */
  readonly refused: number;
}

/** A bad network between one client and a server, on the loopback address. */
export interface ImpairedPath extends AsyncDisposable {
  /** Where the client sends to. */
  readonly address: RemoteAddress;
  readonly counters: PathCounters;
  /**
   * Changes the network from now on; a direction that is left out stays as it is.
   * @throws MediaError ARGUMENT_INVALID
   */
  impair(impairment: PathImpairment): void;
  /**
   * Goes on from other ports towards the server, as a NAT does that has forgotten its mappings: what the server
   * still sends to the old ones is lost.
   */
  changePorts(): Promise<void>;
  /**
   * Gives the SDP with its candidates replaced, so that whoever accepts it comes through this path.
   * @throws MediaError ARGUMENT_INVALID when it has no UDP candidate over IPv4, or leads to another server
   */
  replaceCandidates(sdp: string): string;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

interface Datagram {
  readonly bytes: Buffer;
  readonly client: Client;
}

/** One client address; like a NAT, the path talks to the server from a port of its own for each. */
interface Client {
  readonly address: RemoteAddress;
  /** Replaced when the path changes its ports. */
  socket: Socket;
}

/**
 * Opens a UDP relay that treats packets badly and repeatably, between a client and a server.
 * @throws MediaError ARGUMENT_INVALID
 */
export async function createImpairedPath(options: ImpairedPathOptions = {}): Promise<ImpairedPath> {
  const { seed = 1, maxQueued = 1_000, maxClients = 16, clock = systemClock } = options;
  const clients = new Map<string, Client>();
  let { server } = options;
  let refused = 0;
  let closing: Promise<unknown> | undefined;

  const toServer = new ImpairedLink<Datagram>({
    impairment: options.toServer ?? {},
    seed,
    clock,
    maxQueued,
    deliver: ({ bytes, client }) => server && client.socket.send(bytes, server.port, server.address, ignoreUnreachable),
  });
  const toClient = new ImpairedLink<Datagram>({
    impairment: options.toClient ?? {},
    // The directions are independent of each other.
    seed: ~seed,
    clock,
    maxQueued,
    deliver: ({ bytes, client }) => front.send(bytes, client.address.port, client.address.address, ignoreUnreachable),
  });

  const front = createSocket('udp4');
  front.on('message', (bytes, sender) => {
    const client = clientAt(sender);
    if (client && server) toServer.take({ bytes, client }, bytes.length);
    else refused += 1;
  });
  const port = await bind(front);

  function clientAt({ address, port: clientPort }: RemoteAddress): Client | undefined {
    const name = `${address}:${clientPort}`;
    const known = clients.get(name);
    if (known || clients.size >= maxClients) return known;
    const client: Client = { address: { address, port: clientPort }, socket: createSocket('udp4') };
    relayAnswers(client);
    clients.set(name, client);
    return client;
  }

  function relayAnswers(client: Client): void {
    client.socket.on('message', (bytes) => toClient.take({ bytes, client }, bytes.length));
  }

  async function changePort(client: Client): Promise<void> {
    const { socket } = client;
    client.socket = createSocket('udp4');
    relayAnswers(client);
    await closeSocket(socket);
  }

  async function close(): Promise<void> {
    toServer.close();
    toClient.close();
    const sockets = [front, ...Array.from(clients.values(), ({ socket }) => socket)];
    closing ??= Promise.all(sockets.map((socket) => closeSocket(socket)));
    await closing;
  }

  return {
    address: { address: LOOPBACK, port },
    get counters() {
      return { toServer: toServer.counters, toClient: toClient.counters, refused };
    },
    impair(impairment) {
      if (impairment.toServer) toServer.change(impairment.toServer);
      if (impairment.toClient) toClient.change(impairment.toClient);
    },
    async changePorts() {
      await Promise.all(Array.from(clients.values(), changePort));
    },
    replaceCandidates(sdp) {
      const replaced = replaceCandidates(sdp, { address: LOOPBACK, port });
      // A server has several addresses, and one port.
      if (server && server.port !== replaced.original.port) throw anotherServer(server, replaced.original);
      server ??= replaced.original;
      return replaced.sdp;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A peer that is gone answers with ICMP, which is no business of the network between. */
function ignoreUnreachable(): void {}

function anotherServer(known: RemoteAddress, given: RemoteAddress): MediaError {
  const message = `This path leads to port ${known.port} of a server, the SDP to port ${given.port}; open a path for each server.`;
  return new MediaError('ARGUMENT_INVALID', message);
}

async function bind(socket: Socket): Promise<number> {
  socket.bind(0, LOOPBACK);
  await once(socket, 'listening');
  return socket.address().port;
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(resolve);
  });
}
