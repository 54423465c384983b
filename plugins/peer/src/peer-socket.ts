import { randomUUID } from 'node:crypto';
import type { Clock, Logger, Undo, WebSocketConnection } from '@sluice/core';
import type { PeerCounters } from './counters.ts';
import type { Peer } from './peer.ts';
import { type Envelope, type OutgoingEnvelope, type Scalar, parseEnvelope, samePeer } from './protocol/envelope.ts';
import { PeerError, errorBodyOf } from './protocol/errors.ts';
import type { Fields } from './protocol/fields.ts';

/** A client that has said nothing for so many heartbeat intervals is gone. */
const SILENT_HEARTBEATS = 3;

/** A message whose data is known to be an object. */
export interface PeerMessage extends Envelope {
  readonly data: Fields;
}

/** A message to the client. */
export interface Reply {
  readonly type: string;
  readonly data: object;
}

/** What a client is told when it is welcome, and what holds for its connection from then on. */
export interface ConnectionTerms {
  readonly heartbeatIntervalMs: number;
  readonly maxMessageBytes: number;
}

/** What {@link PeerSocket} takes. */
export interface PeerSocketOptions {
  readonly connection: WebSocketConnection;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: PeerCounters;
  readonly terms: ConnectionTerms;
  /** Types that somebody handles. */
  readonly types: ReadonlySet<string>;
  /** @throws PeerError, MediaError: what the client is told */
  readonly handle: (socket: PeerSocket, message: PeerMessage) => Promise<readonly Reply[]>;
  /** @param broken whether nobody has ended the connection, so that its client may come back */
  readonly onLeft: (socket: PeerSocket, end: { readonly broken: boolean; readonly reason: string }) => void;
}

/** One connection of a client: reads and writes envelopes, and watches that the client lives. */
export class PeerSocket {
  readonly connection: WebSocketConnection;
  readonly terms: ConnectionTerms;
  readonly openedAt: number;
  /** Undefined before hello. */
  peer: Peer | undefined;
  isClosed = false;
  readonly traffic = { messagesReceived: 0, messagesSent: 0, bytesReceived: 0, bytesSent: 0 };
  readonly #options: PeerSocketOptions;
  #heardAt: number;
  #cancelWatch: Undo = () => undefined;
  #probing: Promise<number | undefined> | undefined;
  /** Why we have closed it. */
  #endedBecause: string | undefined;

  constructor(options: PeerSocketOptions) {
    const { connection, clock, terms } = options;
    this.connection = connection;
    this.terms = terms;
    this.#options = options;
    this.openedAt = clock.monotonic();
    this.#heardAt = this.openedAt;
    connection.onMessage((text) => this.#receive(text));
    connection.onClose((code) => this.#closed(code));
    this.#watch();
  }

  /** @param inReplyTo the message that this answers, and whose id it bears */
  send({ type, data }: Reply, inReplyTo?: Envelope): boolean {
    return this.#write({ ...this.#head(type, inReplyTo), data });
  }

  /** Tells the client what went wrong. @param data what programs need to know of it */
  fail(error: unknown, { inReplyTo, data }: { readonly inReplyTo?: Envelope; readonly data?: object } = {}): void {
    const { logger, counters } = this.#options;
    const body = errorBodyOf(error) ?? { code: 'INTERNAL', message: 'The server failed to handle this message; its log says why.' };
    if (body.code === 'INTERNAL') logger.error({ err: error }, 'A message of a peer could not be handled');
    counters.countError(body.code);
    const details = inReplyTo?.type ? { details: `In answer to ${JSON.stringify(inReplyTo.type.slice(0, 64))}.` } : {};
    this.#write({ ...this.#head('error', inReplyTo), error: { ...body, ...details }, data });
  }

  /** Milliseconds until the client has answered a ping of the WebSocket; undefined when it has not. Who asks meanwhile gets the same answer. */
  async roundTrip(timeoutMs: number): Promise<number | undefined> {
    this.#probing ??= this.#probe(timeoutMs).finally(() => (this.#probing = undefined));
    return this.#probing;
  }

  /** Ends the connection for good. */
  end(code: number, reason: string): void {
    this.#endedBecause = reason;
    this.connection.close(code, reason);
  }

  async #probe(timeoutMs: number): Promise<number | undefined> {
    const { clock } = this.#options;
    const startedAt = clock.monotonic();
    return (await this.connection.probe(timeoutMs)) ? clock.monotonic() - startedAt : undefined;
  }

  #receive(text: string): void {
    const { clock, counters } = this.#options;
    this.#heardAt = clock.monotonic();
    this.traffic.messagesReceived += 1;
    this.traffic.bytesReceived += Buffer.byteLength(text);
    let message: Envelope | undefined;
    try {
      message = parseEnvelope(text);
    } catch (error) {
      counters.countReceived('malformed');
      this.fail(error);
      return;
    }
    void this.#handle(message);
  }

  async #handle(message: Envelope): Promise<void> {
    const { peer } = this;
    // The client may have come back meanwhile, also before the end of this connection was seen.
    const socket = (): PeerSocket => (peer ?? this.peer)?.socket ?? this;
    try {
      const replies = await this.#options.handle(this, this.#checked(message));
      for (const reply of replies) socket().send(reply, message);
    } catch (error) {
      socket().fail(error, { inReplyTo: message });
    }
  }

  /** @throws PeerError MESSAGE_TYPE_UNKNOWN, DATA_INVALID, HELLO_REQUIRED, PEER_ID_MISMATCH */
  #checked(message: Envelope): PeerMessage {
    const { types, counters } = this.#options;
    const { type, data, peerId } = message;
    const isKnown = types.has(type);
    counters.countReceived(isKnown ? type : 'unknown');
    if (!isKnown) throw new PeerError('MESSAGE_TYPE_UNKNOWN', `There is no message of type ${JSON.stringify(type.slice(0, 64))}; there are ${[...types].join(', ')}.`);
    if (!data) throw new PeerError('DATA_INVALID', 'data must be an object.');
    if (type !== 'hello' && !this.peer) throw new PeerError('HELLO_REQUIRED', 'Send hello first, and wait for welcome.');
    if (peerId !== undefined && this.peer && !samePeer(peerId, this.peer.id)) {
      throw new PeerError('PEER_ID_MISMATCH', `This connection said hello as ${this.peer.id}; open another one for another peer_id.`);
    }
    return { ...message, data };
  }

  #head(type: string, inReplyTo: Envelope | undefined): OutgoingEnvelope {
    const peerId: Scalar = this.peer?.id ?? inReplyTo?.peerId ?? '';
    return { type, peer_id: peerId, message_id: inReplyTo?.messageId ?? randomUUID(), timestamp: Math.floor(this.#options.clock.now()) };
  }

  #write(envelope: OutgoingEnvelope): boolean {
    const text = JSON.stringify(envelope);
    const isSent = this.connection.send(text);
    if (!isSent) this.#options.counters.dropped += 1;
    else {
      this.traffic.messagesSent += 1;
      this.traffic.bytesSent += Buffer.byteLength(text);
    }
    return isSent;
  }

  #watch(): void {
    const { clock, terms: { heartbeatIntervalMs }, counters } = this.#options;
    const silentMs = SILENT_HEARTBEATS * heartbeatIntervalMs;
    const leftMs = this.#heardAt + silentMs - clock.monotonic();
    this.#cancelWatch = clock.setTimeout(() => {
      if (clock.monotonic() - this.#heardAt < silentMs) return this.#watch();
      counters.silent += 1;
      this.end(1008, `the peer was silent for ${silentMs} ms; send ping every ${heartbeatIntervalMs} ms`);
    }, leftMs);
  }

  #closed(code: number): void {
    this.isClosed = true;
    this.#cancelWatch();
    const broken = code === 1006 && this.#endedBecause === undefined;
    this.#options.onLeft(this, { broken, reason: this.#endedBecause ?? 'deleted by its client' });
  }
}
