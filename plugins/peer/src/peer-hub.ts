import type { HookPoints, PluginContext, SessionRecord, WebSocketConnection } from '@sluice/core';
import { PeerCounters } from './counters.ts';
import type { PeerSettings } from './options.ts';
import { InputRouter } from './input-router.ts';
import { Peer, nameIn } from './peer.ts';
import { type PeerMessage, PeerSocket, type Reply } from './peer-socket.ts';
import type { Scalar } from './protocol/envelope.ts';
import { PeerError } from './protocol/errors.ts';
import { optionalText } from './protocol/fields.ts';
import { PeerSessions } from './sessions/peer-sessions.ts';
import { type Handlers, createHandlers } from './handlers.ts';
import { PeerStats } from './stats/stats.ts';
import { welcome } from './welcome.ts';

/** What {@link PeerHub} takes. */
export interface PeerHubOptions {
  readonly settings: PeerSettings;
  readonly ctx: PluginContext;
}

/** All clients: who is connected, who may come back, and whose sessions are whose. */
export class PeerHub {
  readonly counters = new PeerCounters();
  readonly #ctx: PluginContext;
  #settings: PeerSettings;
  readonly #handlers: Handlers;
  readonly #types: ReadonlySet<string>;
  readonly #sockets = new Set<PeerSocket>();
  /** Those that are connected, by their id as text. */
  readonly #connected = new Map<string, Peer>();
  readonly #bySession = new Map<string, Peer>();
  readonly #input: InputRouter;
  /** Also those whose connection is broken, by name. */
  readonly #peers = new Map<string, Peer>();

  constructor({ settings, ctx }: PeerHubOptions) {
    this.#ctx = ctx;
    this.#settings = settings;
    this.#input = new InputRouter({ ctx, counters: this.counters, peerOf: (sessionId) => this.#bySession.get(sessionId) });
    this.#handlers = createHandlers({ defaultStream: () => this.#settings.defaultStream, clock: ctx.clock, input: this.#input, stats: new PeerStats(ctx) });
    this.#types = new Set(['hello', ...this.#handlers.keys()]);
  }

  /** Connections that are there go on as they were told in their welcome. */
  configure(settings: PeerSettings): void {
    this.#settings = settings;
  }

  /** Clients that have said hello. */
  get size(): number {
    return this.#connected.size;
  }

  /** Clients whose connection is broken and whose sessions are kept. */
  get keptCount(): number {
    return [...this.#peers.values()].filter(({ socket }) => !socket).length;
  }

  open(connection: WebSocketConnection): void {
    const { clock, logger } = this.#ctx;
    const { heartbeatIntervalMs, limits: { maxMessageBytes } } = this.#settings;
    const socket = new PeerSocket({
      connection,
      clock,
      logger,
      counters: this.counters,
      terms: { heartbeatIntervalMs, maxMessageBytes },
      types: this.#types,
      handle: (from, message) => this.#handle(from, message),
      onLeft: (from, end) => this.#left(from, end),
    });
    this.#sockets.add(socket);
  }

  /** Input that a viewer gave on its data channel. */
  overhear(notice: HookPoints['input']['input']): void {
    this.#input.overhear(notice);
  }

  countRefused(): void {
    this.counters.refused += 1;
  }

  /** Ends every connection and every session. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.end(1001, 'The server is closing.');
    await Promise.all(Array.from(this.#peers.values(), (peer) => this.#free(peer, 'server closing')));
  }

  async #handle(socket: PeerSocket, message: PeerMessage): Promise<readonly Reply[]> {
    if (message.type === 'hello') return [await this.#greet(socket, message)];
    const handler = this.#handlers.get(message.type);
    const { peer } = socket;
    return handler && peer ? handler({ peer, socket, message }) : [];
  }

  /** @throws PeerError PEER_ID_INVALID, PEER_ID_BUSY, DATA_INVALID */
  async #greet(socket: PeerSocket, { peerId, data }: PeerMessage): Promise<Reply> {
    const { graceMs } = this.#settings;
    if (peerId === undefined) throw new PeerError('PEER_ID_INVALID', 'peer_id must be a text of 1 to 128 printable characters, or a number that JSON does not round.');
    if (socket.peer) return welcome(socket.peer, { graceMs, terms: socket.terms, resumed: false });
    const returning = this.#returning(peerId, optionalText(data, 'resume_token'));
    await this.#makeRoom(String(peerId), returning);
    if (socket.isClosed || socket.peer) throw new PeerError('PEER_ID_BUSY', 'Another hello of this connection was answered already.');
    // The wait may have taken longer than its sessions were kept.
    const isBack = returning !== undefined && this.#peers.get(returning.name) === returning;
    const peer = isBack ? returning : this.#enter(peerId);
    if (isBack) this.counters.resumed += 1;
    this.#connect(peer, socket);
    return welcome(peer, { graceMs, terms: socket.terms, resumed: isBack });
  }

  #returning(peerId: Scalar, resumeToken: string | undefined): Peer | undefined {
    if (resumeToken === undefined) return undefined;
    const peer = this.#peers.get(nameIn(resumeToken));
    return peer && String(peer.id) === String(peerId) && peer.isResumedBy(resumeToken) ? peer : undefined;
  }

  /** The one who has an id keeps it as long as it answers, unless who comes is proved to be the same. @throws PeerError PEER_ID_BUSY */
  async #makeRoom(id: string, returning: Peer | undefined): Promise<void> {
    const holder = this.#connected.get(id);
    if (!holder?.socket || holder === returning) return;
    const isAlive = (await holder.socket.roundTrip(this.#settings.probeTimeoutMs)) !== undefined;
    const current = this.#connected.get(id);
    // Meanwhile the holder may have gone, and another may have come before.
    if (current && (isAlive || current !== holder)) throw new PeerError('PEER_ID_BUSY', `${id} is the peer_id of another client, which is alive; choose another one, or bring the resume_token of its welcome.`);
    holder.socket?.end(1008, 'Another client took over this peer_id, because this one did not answer.');
    this.#disconnect(holder);
    this.#keep(holder, 'its connection did not answer');
  }

  #enter(peerId: Scalar): Peer {
    const { negotiations, logger } = this.#ctx;
    const peer: Peer = new Peer(peerId, new PeerSessions({ negotiations, logger, onOpened: (record) => this.#own(record, peer), onEnded: (record, reason) => this.#tellEnd(peer, record, reason) }));
    this.#peers.set(peer.name, peer);
    logger.info({ peer: peerId, peers: this.size + 1 }, `Peer connected: ${peerId}`);
    return peer;
  }

  #connect(peer: Peer, socket: PeerSocket): void {
    const before = peer.socket;
    peer.cancelGrace?.();
    peer.cancelGrace = undefined;
    peer.socket = socket;
    socket.peer = peer;
    this.#connected.set(String(peer.id), peer);
    if (!before || before === socket) return;
    before.peer = undefined;
    before.end(1008, 'This client has connected anew.');
  }

  #own({ id, session }: SessionRecord, peer: Peer): void {
    this.#bySession.set(id, peer);
    session.onClosed(() => this.#bySession.delete(id));
  }

  /** Browsers see it by their connection only after a while, if at all. */
  #tellEnd({ socket }: Peer, { id }: SessionRecord, reason: string): void {
    socket?.fail(new PeerError('SESSION_ENDED', `The session ${id} has ended: ${reason}.`), { data: { session_id: id } });
  }

  #left(socket: PeerSocket, { broken, reason }: { readonly broken: boolean; readonly reason: string }): void {
    this.#sockets.delete(socket);
    const { peer } = socket;
    if (peer?.socket !== socket) return;
    this.#disconnect(peer);
    if (broken) this.#keep(peer, 'its connection broke');
    else void this.#free(peer, reason);
  }

  #disconnect(peer: Peer): void {
    const id = String(peer.id);
    if (this.#connected.get(id) === peer) this.#connected.delete(id);
    peer.socket = undefined;
    this.#ctx.logger.info({ peer: peer.id, peers: this.size }, `Peer disconnected: ${peer.id}`);
  }

  /** Until the time is over for it to come back. */
  #keep(peer: Peer, why: string): void {
    const { graceMs, maxKept } = this.#settings;
    const isFull = this.keptCount > maxKept;
    if (isFull) this.counters.notKept += 1;
    if (graceMs === 0 || isFull || peer.sessions.isEmpty) return void this.#free(peer, 'deleted by its client');
    peer.cancelGrace = this.#ctx.clock.setTimeout(() => void this.#free(peer, `the peer was silent for ${graceMs} ms after ${why}`), graceMs);
  }

  async #free(peer: Peer, reason: string): Promise<void> {
    peer.cancelGrace?.();
    this.#peers.delete(peer.name);
    await peer.sessions.close(reason);
  }
}
