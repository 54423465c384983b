import { Emitter, type Listener } from '../events/emitter.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import type { JsonObject } from '../web-socket/json-object.ts';
import { type LogInput, encodeLogEntry } from './encode-log-entry.ts';
import { LogBuffer } from './log-buffer.ts';
import { LogConsumers } from './log-consumers.ts';
import { type LogLevel, isAtLeast } from './log-entry.ts';
import type { LogSignallingError } from './log-signalling-error.ts';
import { LogSignalling, type LogSignallingOptions, type LogSignallingState, textOf } from './log-signalling.ts';
import { type PeerConnectionFactory, type PeerIceServer, platformPeerConnections } from '../peer-connection/peer-connection-like.ts';
import { RateCounter } from './rate-counter.ts';
import type { LogFeatureUse } from './log-sender.ts';

/** How a {@link LogProducer} works. */
export interface LogProducerOptions extends LogSignallingOptions {
  /** What pages call this program. Default: its `clientId`. */
  readonly systemName?: string | undefined;
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  /** Target of entries that name none. Default: the system's name. */
  readonly target?: string | undefined;
  /** Entries that are finer are not kept. Default DEBUG, which is all. */
  readonly level?: LogLevel | undefined;
  /** Makes a peer connection. Default: the platform's RTCPeerConnection, which browsers have. */
  readonly peerConnection?: PeerConnectionFactory | undefined;
  /** For the platform's RTCPeerConnection. Default none. */
  readonly iceServers?: readonly PeerIceServer[] | undefined;
  /** Entries that are kept until they have arrived; the oldest give way. Default 10,000. */
  readonly maxBufferedEntries?: number | undefined;
  /** Bytes of them. Default 8,388,608. */
  readonly maxBufferedBytes?: number | undefined;
  /** Bytes of one entry as JSON; a longer one is cut. Channels take 65,536 when the other side says nothing else (RFC 8841). Default 60,000. */
  readonly maxEntryBytes?: number | undefined;
  /** Whether several entries go in one message, as an array. Default `accepted`. */
  readonly batching?: LogFeatureUse | undefined;
  /** Entries of one message. Default 500. */
  readonly maxBatchEntries?: number | undefined;
  /** Bytes of one message, before compression. Default 60,000. */
  readonly maxBatchBytes?: number | undefined;
  /** How long an entry may wait for others, milliseconds. Default 20. */
  readonly batchDelayMs?: number | undefined;
  /** Whether messages are compressed. Default `accepted`. */
  readonly compression?: LogFeatureUse | undefined;
  /** Shorter messages go as they are, bytes. Default 1,024. */
  readonly minCompressBytes?: number | undefined;
  /** When so many bytes wait in a channel, no more are handed to it. Default 1,048,576. */
  readonly maxChannelBytes?: number | undefined;
  /** Consumers at the same time; further ones are not offered a connection. Default 32. */
  readonly maxConsumers?: number | undefined;
  /** How long it is remembered how far a consumer got that is gone, milliseconds. Default 300,000. */
  readonly rememberMs?: number | undefined;
  /** From an offer until the channel is open, milliseconds. Default 15,000. */
  readonly connectTimeoutMs?: number | undefined;
}

/** What a {@link LogProducer} has counted. */
export interface LogProducerStats {
  /** Entries that were written, without those that were too fine. */
  readonly written: number;
  readonly writtenPerSecond: number;
  /** Entries that were finer than `level`. */
  readonly filtered: number;
  /** Entries that went to consumers; one that goes to two counts twice. */
  readonly sent: number;
  readonly sentPerSecond: number;
  readonly sentBytes: number;
  readonly sentBytesPerSecond: number;
  /** Entries that the buffer lost before anybody had them. */
  readonly dropped: number;
  /** Entries that the buffer lost before a consumer had them that was slow or away for too long; for each such consumer. */
  readonly missed: number;
  /** In the buffer. */
  readonly bufferedEntries: number;
  readonly bufferedBytes: number;
  /** With an open channel. */
  readonly consumers: number;
  /** Consumers that were turned away, because there were `maxConsumers`. */
  readonly refusedConsumers: number;
}

/** What {@link LogProducer} tells. */
export interface LogProducerEvents {
  readonly state: LogSignallingState;
  /** A consumer has an open channel. */
  readonly connected: { readonly consumerId: string };
  readonly disconnected: { readonly consumerId: string };
  readonly error: LogSignallingError;
}

/**
 * Sends log entries to everybody who wants them, over data channels of their own. It connects at once, comes back by itself, and keeps what is
 * written while nobody is there.
 */
export class LogProducer {
  readonly #clock: Clock;
  readonly #target: string;
  readonly #maxEntryBytes: number;
  readonly #signalling: LogSignalling;
  readonly #buffer: LogBuffer;
  readonly #consumers: LogConsumers;
  readonly #events = new Emitter<LogProducerEvents>();
  readonly #written = new RateCounter();
  #level: LogLevel;
  #filtered = 0;
  #isClosed = false;

  /** @throws TypeError when the URL is none of a WebSocket, or the platform lacks a WebSocket or RTCPeerConnection; RangeError when a pause is out of range */
  constructor(options: LogProducerOptions) {
    const { clock = systemClock, maxBufferedEntries = 10_000, maxBufferedBytes = 8_388_608, maxEntryBytes = 60_000, iceServers = [], peerConnection = platformPeerConnections(iceServers) } = options;
    this.#clock = clock;
    this.#level = options.level ?? 'DEBUG';
    this.#maxEntryBytes = maxEntryBytes;
    this.#buffer = new LogBuffer({ maxEntries: maxBufferedEntries, maxBytes: maxBufferedBytes });
    this.#consumers = new LogConsumers({
      ...options,
      clock,
      peerConnection,
      buffer: this.#buffer,
      signal: (message) => this.#signalling.send(message),
      connected: (consumerId) => this.#events.emit('connected', { consumerId }),
      disconnected: (consumerId) => this.#events.emit('disconnected', { consumerId }),
    });
    this.#signalling = new LogSignalling({ ...options, maxBufferedBytes: undefined, metadata: metadataOf(options) }, { role: 'producer' }, {
      state: (state) => this.#follow(state),
      error: (error) => this.#events.emit('error', error),
      message: (message) => this.#receive(message),
    });
    this.#target = options.target ?? options.systemName ?? this.#signalling.clientId;
  }

  get clientId(): string {
    return this.#signalling.clientId;
  }

  /** Of the connection to the server. Channels to consumers live on without it. */
  get state(): LogSignallingState {
    return this.#signalling.state;
  }

  /** Entries that are finer are not kept. */
  get level(): LogLevel {
    return this.#level;
  }

  set level(level: LogLevel) {
    this.#level = level;
  }

  get stats(): LogProducerStats {
    const now = this.#clock.monotonic();
    return {
      written: this.#written.total,
      writtenPerSecond: this.#written.perSecond(now),
      filtered: this.#filtered,
      ...this.#consumers.stats,
      bufferedEntries: this.#buffer.size,
      bufferedBytes: this.#buffer.bytes,
    };
  }

  /** Adds a listener and returns what takes it away. */
  on<K extends keyof LogProducerEvents>(name: K, listener: Listener<LogProducerEvents[K]>): () => void {
    return this.#events.on(name, listener);
  }

  /** Writes an entry. It never throws and never waits. */
  write(input: LogInput): void {
    if (this.#isClosed) return;
    if (!isAtLeast(input.level, this.#level)) {
      this.#filtered += 1;
      return;
    }
    const line = encodeLogEntry(input, { target: this.#target, now: this.#clock.now(), maxBytes: this.#maxEntryBytes });
    this.#written.add(1, this.#clock.monotonic());
    this.#consumers.write(line);
  }

  error(message: string, fields?: LogInput['fields']): void {
    this.write({ level: 'ERROR', message, fields });
  }

  warn(message: string, fields?: LogInput['fields']): void {
    this.write({ level: 'WARN', message, fields });
  }

  info(message: string, fields?: LogInput['fields']): void {
    this.write({ level: 'INFO', message, fields });
  }

  debug(message: string, fields?: LogInput['fields']): void {
    this.write({ level: 'DEBUG', message, fields });
  }

  /**
   * Resolves when every consumer that is connected has what was written, and somebody had it.
   * @param timeoutMs milliseconds, after which it resolves all the same. Default 2,000
   * @returns whether all is delivered
   */
  async flush(timeoutMs = 2_000): Promise<boolean> {
    const end = this.#clock.monotonic() + timeoutMs;
    this.#consumers.flush();
    while (!this.#consumers.isSettled && this.#clock.monotonic() < end) {
      // oxlint-disable-next-line no-await-in-loop
      await new Promise<void>((resolve) => {
        this.#clock.setTimeout(resolve, 10);
      });
    }
    return this.#consumers.isSettled;
  }

  /** Connects now instead of after the pause, for example because the network is back. */
  connectNow(): void {
    this.#signalling.connectNow();
  }

  /** Closes for good, at once; what has not been sent is lost, so flush before. Calling it again does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#consumers.close();
    this.#signalling.close();
    this.#events.clear();
  }

  #follow(state: LogSignallingState): void {
    // The server tells anew who is there.
    if (state !== 'registered') this.#consumers.forgetWanted();
    this.#events.emit('state', state);
  }

  #receive(message: JsonObject): void {
    const consumerId = textOf(message, 'consumer_id');
    if (message['type'] === 'consumer_connected' && consumerId !== undefined) return this.#consumers.want(consumerId);
    if (message['type'] === 'consumer_disconnected' && consumerId !== undefined) return this.#consumers.unwant(consumerId);
    this.#consumers.receive(message);
  }
}

function metadataOf({ metadata, systemName, version, description }: LogProducerOptions): JsonObject {
  return {
    ...(systemName !== undefined && { system_name: systemName }),
    ...(version !== undefined && { version }),
    ...(description !== undefined && { description }),
    ...metadata,
  };
}
