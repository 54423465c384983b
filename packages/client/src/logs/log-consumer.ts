import { Emitter, type Listener } from '../events/emitter.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { type JsonObject, isJsonObject } from '../web-socket/json-object.ts';
import { type LogEntry, type LogLevel, isAtLeast } from './log-entry.ts';
import { LogHistory, type LogHistoryEntry } from './log-history.ts';
import type { LogMessageLimits } from './log-message.ts';
import { LogReceiver, type LogReceiverCounts } from './log-receiver.ts';
import type { LogSignallingError } from './log-signalling-error.ts';
import { LogSignalling, type LogSignallingOptions, type LogSignallingState, textOf } from './log-signalling.ts';
import { type PeerConnectionFactory, type PeerIceServer, platformPeerConnections } from '../peer-connection/peer-connection-like.ts';

/** How a {@link LogConsumer} works. */
export interface LogConsumerOptions extends LogSignallingOptions, LogMessageLimits {
  /** Makes a peer connection. Default: the platform's RTCPeerConnection, which browsers have. */
  readonly peerConnection?: PeerConnectionFactory | undefined;
  /** For the platform's RTCPeerConnection. Default none. */
  readonly iceServers?: readonly PeerIceServer[] | undefined;
  /** Ids of the producers that are wanted. Default: all, also those to come. */
  readonly producers?: readonly string[] | undefined;
  /** Finer entries are not wanted. Default DEBUG, which is all. */
  readonly level?: LogLevel | undefined;
  /** Newest entries of each system that are asked for once, of a server that keeps a history. Default 0: none. */
  readonly history?: number | undefined;
  /** Bytes of compressed messages that wait to be read; at more the connection is made anew. Default 16,777,216. */
  readonly maxPendingBytes?: number | undefined;
  /** Producers that are known at the same time; those beyond are ignored. Default 500. */
  readonly maxProducers?: number | undefined;
  /** From an offer until the channel is open, milliseconds. Default 15,000. */
  readonly connectTimeoutMs?: number | undefined;
}

/** A producer of logs, as a consumer sees it. */
export interface LogProducerInfo extends LogReceiverCounts {
  readonly id: string;
  /** What pages call it. */
  readonly systemName: string;
  /** What it says of itself. */
  readonly metadata: JsonObject;
  /** `live` = its channel is open, `connecting` = it is there, `away` = it is gone. */
  readonly state: 'live' | 'connecting' | 'away';
}

/** Entries of one message. */
export interface ReceivedLogEntries {
  readonly producer: { readonly id: string; readonly systemName: string };
  readonly entries: readonly LogEntry[];
}

/** What {@link LogConsumer} tells. */
export interface LogConsumerEvents {
  readonly entries: ReceivedLogEntries;
  /** What was logged before this consumer came, of all systems, without what `entries` has told. At most once. */
  readonly history: readonly LogHistoryEntry[];
  /** A producer came, went, or has another state; `producers` has them all. */
  readonly producers: readonly LogProducerInfo[];
  readonly state: LogSignallingState;
  readonly error: LogSignallingError;
}

/** Receives the logs of all producers, or of some, over a channel to each. It connects at once, and comes back by itself. */
export class LogConsumer {
  readonly #options: LogConsumerOptions & { readonly clock: Clock; readonly peerConnection: PeerConnectionFactory };
  readonly #signalling: LogSignalling;
  readonly #history: LogHistory;
  readonly #receivers = new Map<string, LogReceiver>();
  readonly #events = new Emitter<LogConsumerEvents>();
  #level: LogLevel;
  /** Undefined for all. */
  #wanted: readonly string[] | undefined;

  /** @throws TypeError when the URL is none of a WebSocket, or the platform lacks a WebSocket or RTCPeerConnection; RangeError when a pause is out of range */
  constructor(options: LogConsumerOptions) {
    const { clock = systemClock, iceServers = [], peerConnection = platformPeerConnections(iceServers) } = options;
    this.#options = { ...options, clock, peerConnection };
    this.#level = options.level ?? 'DEBUG';
    this.#wanted = options.producers;
    this.#history = new LogHistory({
      clock,
      last: options.history ?? 0,
      send: (message) => this.#signalling.send(message),
      deliver: (entries) => this.#deliverHistory(entries),
    });
    this.#signalling = new LogSignalling(options, { role: 'consumer', ...(options.producers && { subscribe: options.producers }) }, {
      state: (state) => this.#follow(state),
      error: (error) => this.#refused(error),
      message: (message) => this.#receive(message),
    });
  }

  get clientId(): string {
    return this.#signalling.clientId;
  }

  /** Of the connection to the server. Channels to producers live on without it. */
  get state(): LogSignallingState {
    return this.#signalling.state;
  }

  get producers(): readonly LogProducerInfo[] {
    return Array.from(this.#receivers.values(), (receiver) => receiver.info);
  }

  get level(): LogLevel {
    return this.#level;
  }

  /** Asks all producers for this level; those that do not listen are filtered here. */
  set level(level: LogLevel) {
    this.#level = level;
    for (const receiver of this.#receivers.values()) receiver.ask(level);
  }

  /** Adds a listener and returns what takes it away. */
  on<K extends keyof LogConsumerEvents>(name: K, listener: Listener<LogConsumerEvents[K]>): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Chooses producers by their ids, in place of those that were chosen before.
   * @param producers undefined for all, also those to come
   */
  subscribe(producers?: readonly string[]): void {
    this.#wanted = producers;
    this.#sendSubscription();
    for (const receiver of this.#receivers.values()) if (!this.#isWanted(receiver.id)) receiver.disconnect();
  }

  /** Connects now instead of after the pause, for example because the network is back. */
  connectNow(): void {
    this.#signalling.connectNow();
  }

  /** Closes for good. Calling it again does nothing. */
  close(): void {
    for (const receiver of this.#receivers.values()) receiver.close();
    this.#receivers.clear();
    this.#history.close();
    this.#signalling.close();
    this.#events.clear();
  }

  #follow(state: LogSignallingState): void {
    if (state === 'registered' && this.#wanted !== this.#options.producers) this.#sendSubscription();
    if (state === 'registered') this.#history.begin();
    else this.#history.interrupt();
    this.#events.emit('state', state);
  }

  #refused(error: LogSignallingError): void {
    if (error.code === 'history_unavailable') this.#history.close();
    this.#events.emit('error', error);
  }

  #sendSubscription(): void {
    if (this.#wanted) this.#signalling.send({ type: 'unsubscribe' });
    this.#signalling.send({ type: 'subscribe', ...(this.#wanted && { producers: this.#wanted }) });
  }

  #receive(message: JsonObject): void {
    switch (message['type']) {
      case 'producer_list':
        return this.#list(message['producers']);
      case 'producer_connected':
        return this.#arrive(message);
      case 'producer_disconnected':
        return this.#leave(textOf(message, 'producer_id'));
      case 'webrtc_offer':
        return this.#answer(message);
      case 'history':
      case 'history_systems':
        return this.#history.receive(message);
      case 'ice_candidate':
        return this.#receivers.get(textOf(message, 'from') ?? '')?.addCandidate(message);
    }
  }

  #list(producers: unknown): void {
    const list = Array.isArray(producers) ? producers.filter(isJsonObject) : [];
    const ids = new Set(list.map((producer) => textOf(producer, 'producer_id')));
    for (const id of this.#receivers.keys()) if (!ids.has(id)) this.#leave(id);
    for (const producer of list) this.#arrive(producer);
  }

  #arrive(producer: JsonObject): void {
    const id = textOf(producer, 'producer_id');
    const metadata = producer['metadata'];
    if (id !== undefined) this.#receiverOf(id)?.arrive({ systemName: textOf(producer, 'system_name') ?? id, metadata: isJsonObject(metadata) ? metadata : {} });
  }

  #leave(id: string | undefined): void {
    const receiver = this.#receivers.get(id ?? '');
    receiver?.leave();
    this.#tidy();
  }

  #answer(message: JsonObject): void {
    const [from, sdp] = [textOf(message, 'from'), textOf(message, 'sdp')];
    if (from === undefined || sdp === undefined || !this.#isWanted(from)) return;
    this.#receiverOf(from)?.answer(message, sdp);
  }

  #receiverOf(id: string): LogReceiver | undefined {
    const known = this.#receivers.get(id);
    const { maxProducers = 500 } = this.#options;
    if (known || this.#receivers.size >= maxProducers) return known;
    const receiver = new LogReceiver(id, {
      ...this.#options,
      levelOf: () => this.#level,
      signal: (message) => this.#signalling.send(message),
      entries: (entries) => this.#deliver(receiver, entries),
      changed: () => this.#changed(),
    });
    this.#receivers.set(id, receiver);
    return receiver;
  }

  #deliver({ id, info }: LogReceiver, received: readonly LogEntry[]): void {
    this.#history.hear(id, received);
    const entries = received.filter(({ level }) => isAtLeast(level, this.#level));
    if (entries.length > 0) this.#events.emit('entries', { producer: { id, systemName: info.systemName }, entries });
  }

  #deliverHistory(received: readonly LogHistoryEntry[]): void {
    const entries = received.filter(({ producer, entry }) => this.#isWanted(producer.id) && isAtLeast(entry.level, this.#level));
    if (entries.length > 0) this.#events.emit('history', entries);
  }

  #changed(): void {
    this.#tidy();
    this.#events.emit('producers', this.producers);
  }

  /** Those that are gone are remembered, so that nothing comes twice when they return, as long as there is room. */
  #tidy(): void {
    const { maxProducers = 500 } = this.#options;
    if (this.#receivers.size < maxProducers) return;
    for (const [id, receiver] of this.#receivers) {
      if (receiver.info.state === 'away') this.#receivers.delete(id);
    }
  }

  #isWanted(id: string): boolean {
    return this.#wanted?.includes(id) ?? true;
  }
}
