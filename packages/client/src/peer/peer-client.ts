import { Emitter, type Listener } from '../events/emitter.ts';
import type { PeerConnectionLike } from '../peer-connection/peer-connection-like.ts';
import { completeBackoff } from '../time/backoff.ts';
import { systemClock } from '../time/clock.ts';
import type { JsonObject } from '../web-socket/json-object.ts';
import type { SocketClose } from '../web-socket/reconnecting-socket.ts';
import type { PeerId } from './envelope.ts';
import { type InputEvent, inputData } from './input-event.ts';
import { PeerError, closedError, lostError } from './peer-error.ts';
import { ManagedMedia, type MediaHost, type PeerMedia, type PeerPlayOptions, type PeerPublishOptions } from './peer-media.ts';
import type { PeerClientOptions, PeerEvents, PeerMetrics, PeerState } from './peer-options.ts';
import { PeerSocket } from './peer-socket.ts';
import type { RemoteCandidate, ServerMessage, Welcome } from './server-message.ts';

/** Figures that the server gives. */
export type StatsType = 'webrtc' | 'system' | 'network';

/**
 * A client of the WebSocket dialect `peer`: plays, publishes and controls streams over one socket. It connects at once, comes back by itself, and its media with it.
 *
 * @typeParam C the RTCPeerConnection; the browser's unless `peerConnection` makes another one
 */
export class PeerClient<C extends PeerConnectionLike = RTCPeerConnection> {
  readonly peerId: PeerId;
  readonly #socket: PeerSocket;
  readonly #requestTimeoutMs: number;
  readonly #events = new Emitter<PeerEvents<C>>();
  readonly #host: MediaHost<C>;
  /** At most one of each kind, as the server has it. */
  readonly #media = new Map<PeerMedia<C>['kind'], ManagedMedia<C>>();

  /** @throws TypeError when the URL is none of a WebSocket, or the platform lacks WebSocket and none was given; RangeError when a pause is out of range */
  constructor(options: PeerClientOptions<C>) {
    const { requestTimeoutMs = 10_000, clientInfo = { name: '@sluice/client' }, capabilities = ['webrtc', 'trickle-ice', 'input'], clock = systemClock, maxMessageBytes = 65_536, queue } = options;
    this.peerId = options.peerId ?? randomId();
    this.#requestTimeoutMs = requestTimeoutMs;
    this.#host = this.#createHost(options);
    const clientState = (): string => [...this.#media.keys()].join(' ') || 'idle';
    this.#socket = new PeerSocket({ ...options, peerId: this.peerId, requestTimeoutMs, clientInfo, capabilities, clock, maxMessageBytes, queue, clientState });
    this.#socket.on('ready', (ready) => this.#entered(ready));
    this.#socket.on('told', (message) => this.#told(message));
    this.#socket.on('message', (envelope) => this.#events.emit('message', envelope));
    this.#socket.on('error', (error) => this.#events.emit('error', error));
    this.#socket.on('close', (close) => this.#lost(close));
  }

  get state(): PeerState {
    return this.#socket.state;
  }

  get metrics(): PeerMetrics {
    return this.#socket.metrics;
  }

  /** Adds a listener and returns what takes it away. */
  on<K extends keyof PeerEvents<C>>(name: K, listener: Listener<PeerEvents<C>[K]>): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Resolves when the server has taken this peer, at once if it has.
   * @throws PeerError with the next thing that goes wrong, of which the client may still recover unless its code is `closed`
   */
  ready(): Promise<void> {
    if (this.state === 'ready') return Promise.resolve();
    if (this.state === 'closed') return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      const undo = [
        this.on('ready', () => finish(resolve)),
        this.on('error', (error) => finish(() => reject(error))),
        this.on('close', (close) => finish(() => reject(close.retryInMs === undefined ? closedError() : lostError(close)))),
      ];
      const finish = (settle: () => void): void => {
        for (const off of undo) off();
        settle();
      };
    });
  }

  /**
   * Plays a stream, in place of the one that was played. Resolves when the server has the answer.
   * @throws PeerError of the server, `timeout`, `offline`, `closed`, `media`
   */
  play(options: PeerPlayOptions = {}): Promise<PeerMedia<C>> {
    return this.#start(new ManagedMedia<C>(this.#host, { kind: 'play', options }));
  }

  /**
   * Publishes a stream, in place of the one that was published. Resolves when the server has answered.
   * @throws PeerError of the server, `timeout`, `offline`, `closed`, `media`
   */
  publish(options: PeerPublishOptions<C>): Promise<PeerMedia<C>> {
    return this.#start(new ManagedMedia<C>(this.#host, { kind: 'publish', options }));
  }

  /**
   * Controls the stream that is played. Clicks and keys wait for a lost connection, moves do not.
   * @returns false when it was not sent now
   * @throws RangeError when it is larger than `maxMessageBytes`
   */
  sendInput(event: InputEvent): boolean {
    return event.type === 'mouse-move' ? this.#socket.send(event.type, inputData(event)) : this.send(event.type, inputData(event));
  }

  /**
   * Sends a message of any type, or lets it wait for the connection.
   * @returns false when it was not sent now
   * @throws RangeError when it is larger than `maxMessageBytes`
   */
  send(type: string, data: JsonObject = {}): boolean {
    return this.#socket.sendOrQueue(type, data);
  }

  /**
   * Figures of the server, by type.
   * @throws PeerError of the server, `timeout`, `offline`, `closed`
   */
  async getStats(types: readonly StatsType[] = ['webrtc', 'system', 'network']): Promise<JsonObject> {
    await this.ready();
    return this.#socket.request('get-stats', { stats_type: types }, { what: 'stats', timeoutMs: this.#requestTimeoutMs, accept: statsOf });
  }

  /** Connects now instead of after the pause, for example because the network is back. */
  connectNow(): void {
    this.#socket.connectNow();
  }

  /** Ends media and connection for good. Calling it again does nothing. */
  close(): void {
    this.#socket.close();
  }

  #createHost({ peerConnection, iceServers = [], reconnect, random = Math.random, offerTimeoutMs = 30_000, clock = systemClock }: PeerClientOptions<C>): MediaHost<C> {
    return {
      clock,
      backoff: completeBackoff(reconnect === false ? {} : reconnect),
      random,
      offerTimeoutMs,
      // Whoever wants another C passes peerConnection.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      peerConnection: peerConnection ?? (() => platformConnection([...iceServers]) as PeerConnectionLike as C),
      isReady: () => this.state === 'ready',
      send: (type, data) => this.#socket.send(type, data),
      request: (type, data, expected) => this.#socket.request(type, data, expected),
      onConnection: (media, connection) => this.#events.emit('connection', { media, connection }),
      onError: (error) => this.#events.emit('error', error),
      onClosed: (media) => {
        if (this.#media.get(media.kind) === media) this.#media.delete(media.kind);
      },
    };
  }

  #all(): ManagedMedia<C>[] {
    return [...this.#media.values()];
  }

  async #start(media: ManagedMedia<C>): Promise<PeerMedia<C>> {
    await this.ready();
    this.#media.get(media.kind)?.close();
    this.#media.set(media.kind, media);
    try {
      await media.start();
      return media;
    } catch (error) {
      media.close();
      throw error;
    }
  }

  #entered(ready: { readonly welcome: Welcome; readonly again: boolean }): void {
    for (const media of this.#all()) if (!isKept(media, ready.welcome)) void media.restart();
    this.#events.emit('ready', ready);
  }

  #told(message: ServerMessage): void {
    if (message.kind === 'input') this.#events.emit('input', message.input);
    if (message.kind === 'ice-candidate') this.#trickle(message.candidate, message.sessionId);
    if (message.kind === 'error' && message.error.code === 'SESSION_ENDED') this.#ended(message.sessionId);
  }

  #trickle(candidate: RemoteCandidate, sessionId: string | undefined): void {
    const named = this.#all().find((media) => sessionId !== undefined && media.sessionId === sessionId);
    // One that has no name yet waits for its offer or answer.
    const media = named ?? this.#all().findLast((one) => one.sessionId === undefined || sessionId === undefined);
    media?.addRemoteCandidate(candidate);
  }

  #ended(sessionId: string | undefined): void {
    for (const media of this.#all()) if (sessionId !== undefined && media.sessionId === sessionId) void media.restart();
  }

  #lost(close: SocketClose): void {
    this.#events.emit('close', close);
    if (close.retryInMs === undefined) for (const media of this.#all()) media.close();
  }
}

function statsOf(message: ServerMessage): JsonObject | undefined {
  return message.kind === 'stats' ? message.stats : undefined;
}

/** A server that resumed this peer may have lost one of its sessions meanwhile, and a connection of ours may have failed. */
function isKept<C extends PeerConnectionLike>({ sessionId, connection }: PeerMedia<C>, { resumed, data }: Welcome): boolean {
  if (!resumed || sessionId === undefined || connection?.connectionState === 'failed') return false;
  return [data['session_id'], data['publish_session_id']].includes(sessionId);
}

function platformConnection(iceServers: RTCIceServer[]): RTCPeerConnection {
  if (typeof RTCPeerConnection === 'function') return new RTCPeerConnection({ iceServers });
  throw new PeerError('media', 'This platform has no RTCPeerConnection; pass peerConnection.');
}

/** `crypto.randomUUID` is not there on pages without TLS. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
