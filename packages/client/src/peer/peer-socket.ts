import { Emitter, type Listener } from '../events/emitter.ts';
import type { Clock } from '../time/clock.ts';
import type { JsonObject } from '../web-socket/json-object.ts';
import { checkMessageSize } from '../web-socket/message-size.ts';
import { ReconnectingSocket, type ReconnectingSocketOptions, type SocketClose } from '../web-socket/reconnecting-socket.ts';
import { type PeerEnvelope, type PeerId, decodeEnvelope } from './envelope.ts';
import { Heartbeat } from './heartbeat.ts';
import { OfflineQueue, type OfflineQueueOptions } from './offline-queue.ts';
import { PeerError, closedError, lostError } from './peer-error.ts';
import type { PeerMetrics, PeerState } from './peer-options.ts';
import { type Expectation, PendingRequests } from './pending-requests.ts';
import { type ServerMessage, type Welcome, decodeServerMessage } from './server-message.ts';

/** For a server that names no interval. */
const DEFAULT_HEARTBEAT_MS = 30_000;

/** Whoever has been refused with these is refused again. */
const FINAL_ERRORS: ReadonlySet<string> = new Set(['PEER_ID_INVALID', 'DATA_INVALID']);

/** What {@link PeerSocket} takes. */
export interface PeerSocketOptions extends ReconnectingSocketOptions {
  readonly peerId: PeerId;
  readonly clientInfo: JsonObject;
  readonly capabilities: readonly string[];
  readonly requestTimeoutMs: number;
  readonly queue: OfflineQueueOptions | undefined;
  readonly maxMessageBytes: number;
  readonly clock: Clock;
  /** For pings. */
  readonly clientState: () => string;
}

/** What {@link PeerSocket} tells. */
export interface PeerSocketEvents {
  readonly ready: { readonly welcome: Welcome; readonly again: boolean };
  /** What nobody waited for. */
  readonly told: ServerMessage;
  readonly message: PeerEnvelope;
  readonly error: PeerError;
  readonly close: SocketClose;
}

/** Envelopes over a socket: hello, heartbeat, requests with their answers, and a queue while there is no connection. */
export class PeerSocket {
  readonly #options: PeerSocketOptions;
  readonly #socket: ReconnectingSocket;
  readonly #events = new Emitter<PeerSocketEvents>();
  readonly #queue: OfflineQueue;
  readonly #pending: PendingRequests;
  readonly #heartbeat: Heartbeat;
  readonly #counts = { sent: 0, received: 0, malformed: 0, errors: 0, refused: 0, reconnects: 0, resumed: 0 };
  #lastId = 0;
  #helloId = '';
  #welcomes = 0;
  #isReady = false;
  #resumeToken: string | undefined;
  #cancelHello: () => void = () => undefined;

  constructor(options: PeerSocketOptions) {
    const { clock } = options;
    this.#options = options;
    this.#queue = new OfflineQueue(clock, options.queue);
    this.#pending = new PendingRequests(clock);
    this.#heartbeat = new Heartbeat({ clock, ping: (sequence) => this.#ping(sequence), onDead: () => this.#socket.drop('The server answered no ping.') });
    this.#socket = new ReconnectingSocket(options);
    this.#socket.on('open', () => this.#hello());
    this.#socket.on('message', (text) => this.#receive(text));
    this.#socket.on('close', (close) => this.#lost(close));
  }

  get state(): PeerState {
    const { state } = this.#socket;
    if (state === 'open') return this.#isReady ? 'ready' : 'connecting';
    return state;
  }

  get metrics(): PeerMetrics {
    const { refused, ...counts } = this.#counts;
    const { pings, pongs, roundTrips } = this.#heartbeat;
    const rttMs = roundTrips && { last: roundTrips.lastMs, least: roundTrips.leastMs, smoothed: roundTrips.smoothedMs };
    return { ...counts, queued: this.#queue.size, dropped: this.#queue.dropped + refused, pings, pongs, rttMs };
  }

  on<K extends keyof PeerSocketEvents>(name: K, listener: Listener<PeerSocketEvents[K]>): () => void {
    return this.#events.on(name, listener);
  }

  /** Returns false, and sends nothing, when the server has not taken this peer. @throws RangeError */
  send(type: string, data: JsonObject): boolean {
    const isSent = this.#transmit(this.#write(type, data));
    if (!isSent) this.#counts.refused += 1;
    return isSent;
  }

  /** Returns false when the message waits. @throws RangeError */
  sendOrQueue(type: string, data: JsonObject): boolean {
    const text = this.#write(type, data);
    this.#flush();
    if (this.#queue.size === 0 && this.#transmit(text)) return true;
    if (this.state === 'closed') this.#counts.refused += 1;
    else this.#queue.add(text);
    return false;
  }

  /** @throws PeerError of the server, `timeout`, `offline`, `closed`; RangeError */
  async request<T>(type: string, data: JsonObject, expected: Expectation<T>): Promise<T> {
    const text = this.#write(type, data);
    const id = String(this.#lastId);
    const answer = this.#pending.wait(id, expected);
    if (!this.#transmit(text)) this.#pending.fail(id, new PeerError('offline', 'There is no connection to the server now.'));
    return answer;
  }

  connectNow(): void {
    this.#socket.connectNow();
  }

  close(): void {
    this.#socket.close();
  }

  #write(type: string, data: JsonObject): string {
    const { peerId, clock, maxMessageBytes } = this.#options;
    this.#lastId += 1;
    const text = JSON.stringify({ type, peer_id: peerId, message_id: String(this.#lastId), timestamp: Math.floor(clock.now()), data });
    checkMessageSize(text, maxMessageBytes);
    return text;
  }

  #transmit(text: string): boolean {
    const isSent = this.#isReady && this.#socket.send(text);
    if (isSent) this.#counts.sent += 1;
    return isSent;
  }

  /** Those that wait go first, also where it was the socket's buffer that had no room. */
  #flush(): void {
    if (this.#isReady) this.#queue.flush((text) => this.#transmit(text));
  }

  #hello(): void {
    const { clientInfo, capabilities, requestTimeoutMs, clock } = this.#options;
    const text = this.#write('hello', { client_info: clientInfo, capabilities, supported_protocols: ['webrtc'], resume_token: this.#resumeToken });
    this.#helloId = String(this.#lastId);
    this.#socket.send(text);
    this.#cancelHello = clock.setTimeout(() => this.#socket.drop(`The server sent no welcome within ${requestTimeoutMs} ms.`), requestTimeoutMs);
  }

  #ping(sequence: number): void {
    this.send('ping', { client_state: this.#options.clientState(), sequence });
  }

  #receive(text: string): void {
    this.#heartbeat.heard();
    this.#flush();
    const envelope = decodeEnvelope(text);
    if (typeof envelope === 'string') return this.#malformed(envelope);
    const message = decodeServerMessage(envelope);
    if (typeof message === 'string') return this.#malformed(message);
    this.#counts.received += 1;
    this.#events.emit('message', envelope);
    this.#handle(envelope, message);
  }

  #malformed(why: string): void {
    this.#counts.malformed += 1;
    this.#events.emit('error', new PeerError('malformed', `The server sent what is no message. ${why}`));
  }

  #handle(envelope: PeerEnvelope, message: ServerMessage): void {
    if (message.kind === 'welcome') return this.#enter(message.welcome);
    if (message.kind === 'pong') return this.#heartbeat.pong(message.sequence);
    if (message.kind === 'error') return this.#fail(envelope, message);
    if (!this.#pending.answer(envelope.messageId, message)) this.#events.emit('told', message);
  }

  #enter(welcome: Welcome): void {
    if (this.#isReady) return;
    this.#cancelHello();
    this.#isReady = true;
    this.#resumeToken = welcome.resumeToken;
    const again = this.#welcomes > 0;
    this.#welcomes += 1;
    if (again) this.#counts.reconnects += 1;
    if (welcome.resumed) this.#counts.resumed += 1;
    this.#heartbeat.start(welcome.heartbeatIntervalMs ?? DEFAULT_HEARTBEAT_MS);
    this.#flush();
    this.#events.emit('ready', { welcome, again });
  }

  #fail({ messageId }: PeerEnvelope, message: Extract<ServerMessage, { readonly kind: 'error' }>): void {
    const { code, message: words, details } = message.error;
    this.#counts.errors += 1;
    const error = new PeerError(code, words, { details });
    if (this.#pending.fail(messageId, error)) return;
    this.#events.emit('error', error);
    if (this.#isReady || messageId !== this.#helloId) return this.#events.emit('told', message);
    if (FINAL_ERRORS.has(code)) return this.close();
    // The id may belong to the connection that was lost, until the server sees that it is dead.
    this.#socket.drop(words);
  }

  #lost(close: SocketClose): void {
    this.#isReady = false;
    this.#cancelHello();
    this.#heartbeat.stop();
    this.#pending.failAll(close.retryInMs === undefined ? closedError() : lostError(close));
    this.#events.emit('close', close);
  }
}
