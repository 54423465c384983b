import type { Clock, Credentials, RemoteAddress, Undo, WebSocketConnection, WebSocketLimits } from '@sluice/core';
import type { RawData, WebSocket } from 'ws';

const SECOND_MS = 1_000;

/** Longest reason of a close frame, bytes (RFC 6455 section 5.5). */
const MAX_REASON_BYTES = 123;

/** After a close frame the client has this long to answer it, before its socket is cut. */
const CLOSE_MS = 1_000;

/** What {@link ServedConnection} takes. */
export interface ConnectionOptions {
  readonly socket: WebSocket;
  readonly remote: RemoteAddress | undefined;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly credentials: Credentials;
  readonly limits: WebSocketLimits;
  readonly clock: Clock;
  /** A handler of the endpoint threw; the connection is closed with 1011. */
  readonly onFailure: (error: unknown) => void;
}

/** A WebSocket of `ws` within its limits. */
export class ServedConnection implements WebSocketConnection {
  readonly remote: RemoteAddress | undefined;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly credentials: Credentials;
  /** Resolves when it is closed. */
  readonly gone: Promise<void>;
  readonly #options: ConnectionOptions;
  readonly #gone = Promise.withResolvers<void>();
  #messageHandler: (text: string) => void = () => undefined;
  #closeHandlers: ((code: number, reason: string) => void)[] = [];
  #secondStart = -Infinity;
  #messagesInSecond = 0;
  #answered = true;
  #probing: Promise<boolean> | undefined;
  #closing = false;
  /** The code by which `ws` has closed for what the client sent; its own event says 1006 then, as if the connection had broken. */
  #violation: number | undefined;
  #cancelPing: Undo;
  #cancelCut: Undo | undefined;

  constructor(options: ConnectionOptions) {
    const { socket, limits, clock } = options;
    this.#options = options;
    this.remote = options.remote;
    this.query = options.query;
    this.headers = options.headers;
    this.credentials = options.credentials;
    this.gone = this.#gone.promise;
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('ping', (data) => this.#pinged(data));
    socket.on('pong', () => {
      this.#answered = true;
    });
    // `ws` closes with the code that fits: 1009 for an oversize message, 1007 for broken UTF-8, 1002 for the rest.
    socket.on('error', (error) => {
      this.#violation = violationOf(error);
      this.#closeSoon();
    });
    socket.on('close', (code, reason) => this.#closed(code, reason.toString('utf8')));
    this.#cancelPing = clock.setTimeout(() => this.#ping(), limits.pingIntervalMs);
  }

  send(text: string): boolean {
    const { socket, limits } = this.#options;
    if (socket.readyState !== socket.OPEN) return false;
    if (socket.bufferedAmount + Buffer.byteLength(text) > limits.maxQueuedBytes) return false;
    socket.send(text);
    return true;
  }

  close(code: number, reason: string): void {
    this.#options.socket.close(code, shortened(reason));
    this.#closeSoon();
  }

  probe(timeoutMs: number): Promise<boolean> {
    this.#probing ??= this.#probe(timeoutMs).finally(() => (this.#probing = undefined));
    return this.#probing;
  }

  onMessage(handler: (text: string) => void): void {
    this.#messageHandler = handler;
  }

  onClose(handler: (code: number, reason: string) => void): void {
    this.#closeHandlers.push(handler);
  }

  /** Hands the connection to its endpoint, or a message or its end; what is thrown is the endpoint's fault. */
  guard(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.#options.onFailure(error);
      this.close(1011, 'The server failed to handle this.');
    }
  }

  #probe(timeoutMs: number): Promise<boolean> {
    const { socket, clock } = this.#options;
    if (socket.readyState !== socket.OPEN) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const alive = (): void => resolve(true);
    const gone = (): void => resolve(false);
    const cancel = clock.setTimeout(gone, timeoutMs);
    socket.once('pong', alive).once('close', gone);
    socket.ping();
    return promise.finally(() => {
      cancel();
      socket.off('pong', alive).off('close', gone);
    });
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#closing) return;
    if (isBinary || !Buffer.isBuffer(data)) return this.close(1003, 'Send text, not binary frames.');
    if (this.#isFlood()) return this.close(1008, `Send at most ${this.#options.limits.maxMessagesPerSecond} messages a second.`);
    this.guard(() => this.#messageHandler(data.toString('utf8')));
  }

  /** By ourselves: `ws` would queue a pong for each, without a bound, for a client that reads none of them. */
  #pinged(data: Buffer): void {
    const { socket, limits } = this.#options;
    if (this.#closing) return;
    if (this.#isFlood()) return this.close(1008, `Send at most ${limits.maxMessagesPerSecond} messages a second, pings included.`);
    if (socket.readyState === socket.OPEN && socket.bufferedAmount + data.length <= limits.maxQueuedBytes) socket.pong(data);
  }

  #isFlood(): boolean {
    const now = this.#options.clock.monotonic();
    if (now - this.#secondStart >= SECOND_MS) {
      this.#secondStart = now;
      this.#messagesInSecond = 0;
    }
    this.#messagesInSecond += 1;
    return this.#messagesInSecond > this.#options.limits.maxMessagesPerSecond;
  }

  /** A socket whose other side is gone without a word (half-open) answers no ping. */
  #ping(): void {
    const { socket, limits, clock } = this.#options;
    if (!this.#answered) return socket.terminate();
    this.#answered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
    this.#cancelPing = clock.setTimeout(() => this.#ping(), limits.pingIntervalMs);
  }

  #closeSoon(): void {
    this.#closing = true;
    this.#cancelCut ??= this.#options.clock.setTimeout(() => this.#options.socket.terminate(), CLOSE_MS);
  }

  #closed(code: number, reason: string): void {
    this.#cancelPing();
    this.#cancelCut?.();
    this.#closing = true;
    this.#gone.resolve();
    for (const handler of this.#closeHandlers.splice(0)) this.guard(() => handler(code === 1006 ? (this.#violation ?? code) : code, reason));
  }
}

/** Undefined for an error of the network. */
function violationOf(error: Error): number | undefined {
  const name = 'code' in error ? String(error.code) : '';
  if (name === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return 1009;
  return name.startsWith('WS_ERR_') ? 1002 : undefined;
}

/** Cut between characters, as a broken one is no UTF-8. */
function shortened(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= MAX_REASON_BYTES) return reason;
  return new TextDecoder().decode(bytes.subarray(0, MAX_REASON_BYTES), { stream: true });
}
