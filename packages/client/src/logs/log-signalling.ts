import type { Token } from '../auth/token.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { type JsonObject, parseJsonObject } from '../web-socket/json-object.ts';
import { LogSignallingError } from './log-signalling-error.ts';
import { type ReconnectOptions, ReconnectingSocket, type ReconnectingSocketOptions } from '../web-socket/reconnecting-socket.ts';

/** Trying again changes nothing about these. */
const FINAL_ERRORS: ReadonlySet<string> = new Set(['token_incorrect', 'bad_client_id', 'bad_metadata', 'bad_role', 'bad_subscription']);

const DEFAULT_RECONNECT: ReconnectOptions = { minMs: 5_000, maxMs: 5_000, jitter: 0.1 };

/** How a producer or consumer of logs reaches the server. */
export interface LogSignallingOptions extends Omit<ReconnectingSocketOptions, 'reconnect'> {
  /** How others know this client: 1 to 128 printable characters. Default: a random one. */
  readonly clientId?: string | undefined;
  /** What others are told of this client, for example `{ system_name, version, description }`. `room` keeps groups apart. */
  readonly metadata?: JsonObject | undefined;
  /** Pauses before the connection is made again. Default about 5 seconds, without end; false leaves it closed once it is. */
  readonly reconnect?: ReconnectOptions | false | undefined;
  /** Of `registered`, milliseconds. Default 10,000. */
  readonly registerTimeoutMs?: number | undefined;
  /** The server is asked this often whether it is there, milliseconds; when it does not answer until the next time, the connection is made anew. Default 30,000; 0 turns it off. */
  readonly keepAliveMs?: number | undefined;
}

/** `connecting` = not registered yet, `registered` = the server knows this client, `waiting` = the connection is lost, and will be made again, `closed` = for good. */
export type LogSignallingState = 'connecting' | 'registered' | 'waiting' | 'closed';

/** What {@link LogSignalling} tells its owner. */
export interface LogSignallingListener {
  state(state: LogSignallingState): void;
  error(error: LogSignallingError): void;
  message(message: JsonObject): void;
}

/** The connection to the server by which producers and consumers find each other; it registers again whenever it was lost. */
export class LogSignalling {
  readonly clientId: string;
  readonly #socket: ReconnectingSocket;
  readonly #clock: Clock;
  readonly #listener: LogSignallingListener;
  readonly #registration: JsonObject;
  readonly #token: Token | undefined;
  readonly #registerTimeoutMs: number;
  readonly #keepAliveMs: number;
  #isRegistered = false;
  /** Connections that were open, so that a token which comes late is of no use. */
  #opened = 0;
  /** Whether the last question was answered; undefined while the server never has, because not every one does. */
  #answered: boolean | undefined;
  #cancelTimer: () => void = () => undefined;

  /** @throws TypeError when the URL is none of a WebSocket, or there is no WebSocket; RangeError when a pause is out of range */
  constructor(options: LogSignallingOptions, registration: JsonObject & { readonly role: 'producer' | 'consumer' }, listener: LogSignallingListener) {
    const { clientId = `${registration.role}-${randomName()}`, metadata = {}, token, reconnect = DEFAULT_RECONNECT, clock = systemClock, registerTimeoutMs = 10_000, keepAliveMs = 30_000 } = options;
    this.clientId = clientId;
    this.#clock = clock;
    this.#listener = listener;
    this.#registerTimeoutMs = registerTimeoutMs;
    this.#keepAliveMs = keepAliveMs;
    this.#registration = { type: 'register', client_id: clientId, metadata, ...registration };
    this.#token = token;
    this.#socket = new ReconnectingSocket({ ...options, token: undefined, reconnect });
    this.#socket.on('open', () => this.#enter());
    this.#socket.on('message', (text) => this.#receive(text));
    this.#socket.on('close', () => this.#lost());
  }

  get state(): LogSignallingState {
    const { state } = this.#socket;
    if (state === 'open') return this.#isRegistered ? 'registered' : 'connecting';
    return state;
  }

  /** @returns false when it could not be sent, because this client is not registered or too many bytes wait */
  send(message: JsonObject): boolean {
    return this.#isRegistered && this.#socket.send(JSON.stringify(message));
  }

  /** Connects now instead of after the pause. */
  connectNow(): void {
    this.#socket.connectNow();
  }

  close(): void {
    this.#socket.close();
  }

  #enter(): void {
    this.#opened += 1;
    this.#cancelTimer = this.#clock.setTimeout(() => this.#socket.drop('The server did not register this client in time.'), this.#registerTimeoutMs);
    if (typeof this.#token === 'function') void this.#registerWith(this.#token);
    else this.#register(this.#token);
    this.#listener.state('connecting');
  }

  async #registerWith(token: Extract<Token, Function>): Promise<void> {
    const opened = this.#opened;
    try {
      const value = await token();
      if (opened === this.#opened) this.#register(value);
    } catch (error) {
      if (opened === this.#opened) this.#socket.drop(`The token could not be had: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** The token goes with the message, so that it stands in no log of requests. */
  #register(token: string | undefined): void {
    this.#socket.send(JSON.stringify({ ...this.#registration, ...(token !== undefined && { token }) }));
  }

  #receive(text: string): void {
    const message = parseJsonObject(text);
    if (!message) return;
    switch (message['type']) {
      case 'registered':
        return this.#registered();
      case 'error':
        return this.#fail(message);
      case 'producer_list':
        this.#answered = true;
    }
    this.#listener.message(message);
  }

  #registered(): void {
    if (this.#isRegistered) return;
    this.#isRegistered = true;
    this.#answered = undefined;
    this.#cancelTimer();
    this.#scheduleQuestion();
    this.#listener.state('registered');
  }

  #fail(message: JsonObject): void {
    const [code, words] = [textOf(message, 'code') ?? 'unknown', textOf(message, 'message') ?? 'The server gave no reason.'];
    this.#listener.error(new LogSignallingError(code, words));
    if (this.#isRegistered) return;
    if (FINAL_ERRORS.has(code)) return this.close();
    // The id may belong to the connection that was lost, until the server sees that it is dead.
    this.#socket.drop(words);
  }

  #scheduleQuestion(): void {
    if (this.#keepAliveMs > 0) this.#cancelTimer = this.#clock.setTimeout(() => this.#ask(), this.#keepAliveMs);
  }

  /** A page sees no pings of the protocol, and does not learn by itself that the other side is gone. */
  #ask(): void {
    if (this.#answered === false) return this.#socket.drop('The server did not answer in time.');
    if (this.#answered) this.#answered = false;
    this.#socket.send('{"type":"list_producers"}');
    this.#scheduleQuestion();
  }

  #lost(): void {
    this.#isRegistered = false;
    this.#cancelTimer();
    this.#listener.state(this.state);
  }
}

/** A member that is a text with something in it. */
export function textOf(message: JsonObject, name: string): string | undefined {
  const value = message[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** `crypto.randomUUID` is missing on pages over plain HTTP. */
export function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
