import { Emitter, type Listener } from '../events/emitter.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { checkMessageSize } from '../web-socket/message-size.ts';
import { ReconnectingSocket, type ReconnectingSocketOptions, type SocketClose } from '../web-socket/reconnecting-socket.ts';
import { RelayError } from './relay-error.ts';
import { type ReceivedRelayMessage, type RelayInput, type RelayMessage, decodeRelayInput } from './relay-message.ts';

/** Trying again changes nothing about these. */
const FINAL_ERRORS: ReadonlySet<string> = new Set(['token_incorrect', 'bad_client_id']);

/** `type` of the message that a client sends to itself. */
const KEEP_ALIVE = 'keep_alive';

/** How a {@link RelayClient} reaches its relay. */
export interface RelayClientOptions extends ReconnectingSocketOptions {
  /** Others reach this client by it: 1 to 128 printable characters. */
  readonly clientId: string;
  /** Of `registered` and of answers, milliseconds. Default 10,000. */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * A message to itself goes through the relay this often, milliseconds; when one has not come back until the next is due, the connection is made anew.
   * Default 30,000; 0 turns it off.
   */
  readonly keepAliveMs?: number | undefined;
  /** Bytes of one message. Default 65,536. */
  readonly maxMessageBytes?: number | undefined;
}

/** `connecting` = not registered yet, `registered` = it relays, `waiting` = the connection is lost, and will be made again, `closed` = for good. */
export type RelayState = 'connecting' | 'registered' | 'waiting' | 'closed';

/** What {@link RelayClient} tells. */
export interface RelayEvents {
  /** The relay knows this client; `again` after the connection was lost. */
  readonly registered: { readonly again: boolean };
  readonly message: ReceivedRelayMessage;
  readonly error: RelayError;
  /** The connection is lost, or closed. */
  readonly close: SocketClose;
}

/** What {@link RelayClient} has counted. */
export interface RelayMetrics {
  readonly sent: number;
  readonly received: number;
  /** Messages that were not sent, because the client was not registered or too many bytes waited. */
  readonly dropped: number;
  /** What came from the relay and was none of its messages. */
  readonly malformed: number;
  readonly errors: number;
  readonly reconnects: number;
  /** Of the last message to itself, milliseconds. */
  readonly rttMs: number | undefined;
}

/** A client of a relay: exchanges JSON messages with other clients by their ids. Connects at once, and registers again whenever the connection was lost. */
export class RelayClient {
  readonly clientId: string;
  readonly #socket: ReconnectingSocket;
  readonly #clock: Clock;
  readonly #requestTimeoutMs: number;
  readonly #keepAliveMs: number;
  readonly #maxMessageBytes: number;
  readonly #events = new Emitter<RelayEvents>();
  readonly #counts = { sent: 0, received: 0, dropped: 0, malformed: 0, errors: 0, reconnects: 0 };
  #registrations = 0;
  #isRegistered = false;
  #list: { readonly promise: Promise<readonly string[]>; settle(outcome: readonly string[] | RelayError): void } | undefined;
  #askedAt: number | undefined;
  #rttMs: number | undefined;
  #cancelTimer: () => void = () => undefined;

  /** @throws TypeError when the URL is none of a WebSocket, or there is no WebSocket; RangeError when a pause is out of range */
  constructor(options: RelayClientOptions) {
    this.clientId = options.clientId;
    this.#clock = options.clock ?? systemClock;
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 10_000;
    this.#keepAliveMs = options.keepAliveMs ?? 30_000;
    this.#maxMessageBytes = options.maxMessageBytes ?? 65_536;
    this.#socket = new ReconnectingSocket(options);
    this.#socket.on('open', () => this.#register());
    this.#socket.on('message', (text) => this.#receive(text));
    this.#socket.on('close', (close) => this.#lost(close));
  }

  get state(): RelayState {
    const { state } = this.#socket;
    if (state === 'open') return this.#isRegistered ? 'registered' : 'connecting';
    return state;
  }

  get metrics(): RelayMetrics {
    return { ...this.#counts, rttMs: this.#rttMs };
  }

  /** Adds a listener and returns what takes it away. */
  on<K extends keyof RelayEvents>(name: K, listener: Listener<RelayEvents[K]>): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Resolves when the client is registered, at once if it is.
   * @throws RelayError with the next thing that goes wrong, of which the client may still recover unless its code is `closed`
   */
  registered(): Promise<void> {
    if (this.#isRegistered) return Promise.resolve();
    if (this.state === 'closed') return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      const undo = [
        this.on('registered', () => finish(resolve)),
        this.on('error', (error) => finish(() => reject(error))),
        this.on('close', ({ code, reason, retryInMs }) => finish(() => reject(retryInMs === undefined ? closedError() : lostError(code, reason)))),
      ];
      const finish = (settle: () => void): void => {
        for (const off of undo) off();
        settle();
      };
    });
  }

  /**
   * Sends to one client. Whether it is there, an error tells later (`unknown_target`).
   * @returns false when it could not be sent, because this client is not registered or too many bytes wait
   * @throws RangeError when the message is larger than `maxMessageBytes`
   */
  send(targetId: string, message: RelayMessage): boolean {
    if (targetId === '') throw new RangeError('An empty targetId would reach every client; use broadcast for that.');
    return this.#send({ ...message, target_id: targetId });
  }

  /**
   * Sends to every other client.
   * @returns false when it could not be sent, because this client is not registered or too many bytes wait
   * @throws RangeError when the message is larger than `maxMessageBytes`
   */
  broadcast(message: RelayMessage): boolean {
    return this.#send({ ...message, target_id: '' });
  }

  /**
   * Ids of all clients that are registered, this one's too.
   * @throws RelayError `offline`, `timeout`, `closed`
   */
  list(): Promise<readonly string[]> {
    if (this.#list) return this.#list.promise;
    if (!this.#isRegistered || !this.#socket.send('{"type":"list_clients"}')) return Promise.reject(new RelayError('offline', 'There is no connection to the relay now.'));
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    const cancel = this.#clock.setTimeout(() => this.#list?.settle(new RelayError('timeout', `The relay did not list its clients within ${this.#requestTimeoutMs} ms.`)), this.#requestTimeoutMs);
    const settle = (outcome: readonly string[] | RelayError): void => {
      this.#list = undefined;
      cancel();
      if (outcome instanceof RelayError) reject(outcome);
      else resolve(outcome);
    };
    this.#list = { promise, settle };
    return promise;
  }

  /** Connects now instead of after the pause, for example because the network is back. */
  connectNow(): void {
    this.#socket.connectNow();
  }

  /** Closes for good. Calling it again does nothing. */
  close(): void {
    this.#socket.close();
  }

  #send(message: RelayMessage): boolean {
    const text = JSON.stringify(message);
    checkMessageSize(text, this.#maxMessageBytes);
    const isSent = this.#isRegistered && this.#socket.send(text);
    this.#counts[isSent ? 'sent' : 'dropped'] += 1;
    return isSent;
  }

  #register(): void {
    this.#socket.send(JSON.stringify({ type: 'register', client_id: this.clientId }));
    this.#cancelTimer = this.#clock.setTimeout(() => this.#socket.drop(`The relay did not register this client within ${this.#requestTimeoutMs} ms.`), this.#requestTimeoutMs);
  }

  #receive(text: string): void {
    const input = decodeRelayInput(text);
    if (!input) {
      this.#counts.malformed += 1;
      return;
    }
    this.#handle(input);
  }

  #handle(input: RelayInput): void {
    switch (input.kind) {
      case 'registered':
        return this.#enter(input.clientId);
      case 'message':
        return this.#deliver(input.received);
      case 'clients':
        return this.#list?.settle(input.clients);
      case 'error':
        return this.#fail(input);
    }
  }

  #enter(clientId: string): void {
    if (this.#isRegistered || clientId !== this.clientId) return;
    this.#cancelTimer();
    this.#isRegistered = true;
    const again = this.#registrations > 0;
    this.#registrations += 1;
    this.#counts.reconnects = this.#registrations - 1;
    this.#askedAt = undefined;
    this.#scheduleKeepAlive();
    this.#events.emit('registered', { again });
  }

  #deliver(received: ReceivedRelayMessage): void {
    const { from, message } = received;
    if (from === this.clientId && message['type'] === KEEP_ALIVE) {
      if (this.#askedAt !== undefined) this.#rttMs = this.#clock.monotonic() - this.#askedAt;
      this.#askedAt = undefined;
      return;
    }
    this.#counts.received += 1;
    this.#events.emit('message', received);
  }

  #fail({ code, message, targetId }: { code: string; message: string; targetId: string | undefined }): void {
    this.#counts.errors += 1;
    this.#events.emit('error', new RelayError(code, message, targetId));
    if (this.#isRegistered) return;
    if (FINAL_ERRORS.has(code)) return this.close();
    // The id may belong to the connection that was lost, until the relay sees that it is dead.
    this.#socket.drop(message);
  }

  #scheduleKeepAlive(): void {
    if (this.#keepAliveMs > 0) this.#cancelTimer = this.#clock.setTimeout(() => this.#keepAlive(), this.#keepAliveMs);
  }

  /** A page sees no pings of the protocol, and does not learn by itself that the other side is gone. */
  #keepAlive(): void {
    if (this.#askedAt !== undefined) return this.#socket.drop(`The relay did not answer within ${this.#keepAliveMs} ms.`);
    this.#askedAt = this.#clock.monotonic();
    this.#socket.send(JSON.stringify({ type: KEEP_ALIVE, target_id: this.clientId }));
    this.#scheduleKeepAlive();
  }

  #lost(close: SocketClose): void {
    this.#isRegistered = false;
    this.#cancelTimer();
    this.#list?.settle(close.retryInMs === undefined ? closedError() : lostError(close.code, close.reason));
    this.#events.emit('close', close);
  }
}

function closedError(): RelayError {
  return new RelayError('closed', 'The client of the relay is closed.');
}

function lostError(code: number, reason: string): RelayError {
  return new RelayError('offline', `The connection to the relay is lost (${code}${reason === '' ? '' : `, ${reason}`}).`);
}
