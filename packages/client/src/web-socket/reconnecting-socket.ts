import type { Token } from '../auth/token.ts';
import { Emitter, type Listener } from '../events/emitter.ts';
import { type Backoff, type BackoffOptions, backoffDelay, completeBackoff } from '../time/backoff.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { OPEN, type WebSocketConstructor, type WebSocketLike } from './web-socket-like.ts';

/** RFC 6455 section 7.4.1: the connection broke without a close frame. */
const ABNORMAL_CLOSURE = 1006;

/** How to reach a server, and how to come back to it. */
export interface ReconnectingSocketOptions {
  /** `ws:` or `wss:`; `http:` and `https:` stand for them. In a browser it may be relative to the page. */
  readonly url: string | URL;
  /** Sent as the query parameter `token`, because browsers cannot set headers of a WebSocket. A function is asked before each connection. */
  readonly token?: Token | undefined;
  /** Default: the platform's. */
  readonly webSocket?: WebSocketConstructor | undefined;
  /** Pauses before the connection is made again; false leaves it closed once it is. */
  readonly reconnect?: ReconnectOptions | false | undefined;
  /** A connection that is not open by then is given up, milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** More bytes than these may not wait to be sent. Default 1,048,576. */
  readonly maxBufferedBytes?: number | undefined;
  /** Default: the platform's. */
  readonly clock?: Clock | undefined;
  /** From 0 to 1, for the jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** When to connect again. */
export interface ReconnectOptions extends BackoffOptions {
  /** Attempts in a row that may fail before the socket stays closed. Default: without end. */
  readonly maxAttempts?: number | undefined;
  /** A connection that was open this long counts as a success, and pauses begin anew, milliseconds. Default 5,000. */
  readonly stableMs?: number | undefined;
}

/** `connecting` = not open yet, `open` = it takes messages, `waiting` = closed, and will connect again, `closed` = for good. */
export type SocketState = 'connecting' | 'open' | 'waiting' | 'closed';

/** Why a connection ended. */
export interface SocketClose {
  /** RFC 6455 section 7.4.1; 1006 when the connection broke or was never made. */
  readonly code: number;
  readonly reason: string;
  /** Whether the connection had been open. */
  readonly wasOpen: boolean;
  /** Until the next attempt, milliseconds; undefined when there will be none. */
  readonly retryInMs: number | undefined;
}

/** What {@link ReconnectingSocket} tells. */
export interface SocketEvents {
  /** The socket takes messages; `reconnects` counts how often it was open before. */
  readonly open: { readonly reconnects: number };
  /** A text. Binary messages are ignored. */
  readonly message: string;
  /** A connection, or an attempt, ended. */
  readonly close: SocketClose;
}

/**
 * A WebSocket that connects at once and again whenever it is lost, after pauses that grow. It keeps no messages:
 * what it cannot send, it does not take.
 */
export class ReconnectingSocket {
  readonly #url: URL;
  readonly #token: Token | undefined;
  readonly #webSocket: WebSocketConstructor;
  readonly #reconnect: (Backoff & { readonly maxAttempts: number; readonly stableMs: number }) | undefined;
  readonly #connectTimeoutMs: number;
  readonly #maxBufferedBytes: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #events = new Emitter<SocketEvents>();
  #state: SocketState = 'connecting';
  #socket: WebSocketLike | undefined;
  /** Connections that were begun, so that a token which comes late is of no use. */
  #attempts = 0;
  #openedAt: number | undefined;
  #opened = 0;
  #failures = 0;
  #cancelTimer: () => void = () => undefined;

  /** @throws TypeError when the URL is none of a WebSocket, or the platform has no WebSocket and none was given; RangeError when a pause is out of range */
  constructor(options: ReconnectingSocketOptions) {
    this.#url = socketUrl(options.url);
    this.#token = options.token;
    this.#webSocket = options.webSocket ?? platformWebSocket();
    this.#reconnect = reconnectOf(options.reconnect);
    this.#connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
    this.#maxBufferedBytes = options.maxBufferedBytes ?? 1_048_576;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#connect();
  }

  get state(): SocketState {
    return this.#state;
  }

  /** Bytes that were sent and have not left. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Adds a listener and returns what takes it away. */
  on<K extends keyof SocketEvents>(name: K, listener: Listener<SocketEvents[K]>): () => void {
    return this.#events.on(name, listener);
  }

  /** Returns false, and sends nothing, when the socket is not open or too many bytes wait. */
  send(text: string): boolean {
    const socket = this.#socket;
    if (this.#state !== 'open' || !socket || socket.readyState !== OPEN) return false;
    // The text's bytes are at least its length; counting them exactly would cost an encoding per message.
    if (socket.bufferedAmount > 0 && socket.bufferedAmount + text.length > this.#maxBufferedBytes) return false;
    socket.send(text);
    return true;
  }

  /** Gives up the connection, which is thought to be dead, and makes a new one as after any loss. */
  drop(reason: string): void {
    if (this.#state !== 'connecting' && this.#state !== 'open') return;
    const socket = this.#socket;
    socket?.close();
    this.#lost(socket, ABNORMAL_CLOSURE, reason);
  }

  /** Connects now instead of after the pause, for example because the network is back. */
  connectNow(): void {
    if (this.#state !== 'waiting') return;
    this.#cancelTimer();
    this.#connect();
  }

  /** Closes for good. Calling it again does nothing. */
  close(code = 1000, reason = ''): void {
    if (this.#state === 'closed') return;
    const socket = this.#socket;
    const wasOpen = this.#state === 'open';
    this.#attempts += 1;
    this.#cancelTimer();
    this.#socket = undefined;
    this.#state = 'closed';
    socket?.close(code, reason);
    this.#events.emit('close', { code, reason, wasOpen, retryInMs: undefined });
    this.#events.clear();
  }

  #connect(): void {
    this.#state = 'connecting';
    this.#openedAt = undefined;
    this.#attempts += 1;
    this.#cancelTimer = this.#clock.setTimeout(() => this.drop(`No connection within ${this.#connectTimeoutMs} ms.`), this.#connectTimeoutMs);
    if (typeof this.#token === 'function') void this.#connectWith(this.#token);
    else this.#dial(this.#token);
  }

  async #connectWith(token: Extract<Token, Function>): Promise<void> {
    const attempt = this.#attempts;
    try {
      const value = await token();
      if (attempt === this.#attempts) this.#dial(value);
    } catch (error) {
      if (attempt === this.#attempts) this.drop(`The token could not be had: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #dial(token: string | undefined): void {
    const url = new URL(this.#url);
    if (token !== undefined) url.searchParams.set('token', token);
    const socket = new this.#webSocket(url.href);
    this.#socket = socket;
    // An error is always followed by a close, which says more; without a listener `ws` would throw it.
    socket.addEventListener('error', () => undefined);
    socket.addEventListener('open', () => this.#open(socket));
    socket.addEventListener('message', ({ data }) => this.#receive(socket, data));
    socket.addEventListener('close', ({ code, reason }) => this.#lost(socket, code, reason));
  }

  #open(socket: WebSocketLike): void {
    if (this.#socket !== socket) return;
    this.#cancelTimer();
    this.#state = 'open';
    this.#openedAt = this.#clock.monotonic();
    this.#events.emit('open', { reconnects: this.#opened++ });
  }

  #receive(socket: WebSocketLike, data: unknown): void {
    if (this.#socket === socket && typeof data === 'string') this.#events.emit('message', data);
  }

  /** A socket that was dropped tells its close later, when another one may have its place. */
  #lost(socket: WebSocketLike | undefined, code: number, reason: string): void {
    if (this.#socket !== socket) return;
    this.#attempts += 1;
    this.#cancelTimer();
    this.#socket = undefined;
    const retryInMs = this.#pause();
    this.#state = retryInMs === undefined ? 'closed' : 'waiting';
    if (retryInMs !== undefined) this.#cancelTimer = this.#clock.setTimeout(() => this.#connect(), retryInMs);
    this.#events.emit('close', { code, reason, wasOpen: this.#openedAt !== undefined, retryInMs });
  }

  /** A server that takes a client and closes it at once has not been reached. */
  #pause(): number | undefined {
    const reconnect = this.#reconnect;
    if (!reconnect) return undefined;
    const openMs = this.#openedAt === undefined ? 0 : this.#clock.monotonic() - this.#openedAt;
    if (this.#openedAt !== undefined && openMs >= reconnect.stableMs) this.#failures = 0;
    this.#failures += 1;
    return this.#failures > reconnect.maxAttempts ? undefined : backoffDelay(this.#failures, reconnect, this.#random());
  }
}

function reconnectOf(options: ReconnectOptions | false = {}): (Backoff & { readonly maxAttempts: number; readonly stableMs: number }) | undefined {
  if (options === false) return undefined;
  const { maxAttempts = Infinity, stableMs = 5_000 } = options;
  return { ...completeBackoff(options), maxAttempts, stableMs };
}

function platformWebSocket(): WebSocketConstructor {
  if (typeof globalThis.WebSocket === 'function') return globalThis.WebSocket;
  throw new TypeError('This platform has no WebSocket; pass one as the option webSocket.');
}

function socketUrl(url: string | URL): URL {
  const parsed = URL.parse(url, pageUrl());
  if (parsed) parsed.protocol = parsed.protocol.replace(/^http/, 'ws');
  if (!parsed || !/^wss?:$/.test(parsed.protocol)) throw new TypeError('The url of a WebSocket must begin with ws:, wss:, http: or https:.');
  // The constructor of WebSocket refuses a fragment.
  parsed.hash = '';
  return parsed;
}

function pageUrl(): string | undefined {
  const { location }: { readonly URL: unknown; readonly location?: { readonly href: string } } = globalThis;
  return location?.href;
}
