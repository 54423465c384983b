import type { Clock } from '../time/clock.ts';
import type { JsonObject } from '../web-socket/json-object.ts';
import type { LogEntry, LogLevel } from './log-entry.ts';
import { LogLink } from './log-link.ts';
import { type LogMessage, type LogMessageLimits, decodeLogMessage } from './log-message.ts';
import { textOf } from './log-signalling.ts';
import type { PeerConnectionFactory } from '../peer-connection/peer-connection-like.ts';
import { RateCounter } from './rate-counter.ts';

/** A producer that is there but offers nothing is asked to, so often, milliseconds. */
const REQUEST_MS = 10_000;

/** How often a producer is told what was received, milliseconds. */
const RECEIVED_MS = 100;

/** What {@link LogReceiver} takes. */
export interface LogReceiverOptions extends LogMessageLimits {
  readonly clock: Clock;
  readonly peerConnection: PeerConnectionFactory;
  readonly connectTimeoutMs?: number | undefined;
  readonly maxPendingBytes?: number | undefined;
  readonly levelOf: () => LogLevel;
  readonly signal: (message: JsonObject) => boolean;
  readonly entries: (entries: readonly LogEntry[]) => void;
  /** It has another state. */
  readonly changed: () => void;
}

/** What was counted of one producer. */
export interface LogReceiverCounts {
  readonly received: number;
  readonly receivedPerSecond: number;
  /** Parts of messages that are no entries. */
  readonly invalid: number;
}

/** What a producer says of itself. */
interface Description {
  readonly systemName: string;
  readonly metadata: JsonObject;
}

/** The logs of one producer, over all of its connections. */
export class LogReceiver {
  readonly id: string;
  readonly #options: LogReceiverOptions;
  readonly #received = new RateCounter();
  #description: Description;
  #invalid = 0;
  /** The server says that it is there. */
  #isThere = false;
  #link: LogLink | undefined;
  /** What the producer of this connection understands. */
  #features: ReadonlySet<unknown> = new Set();
  /** Entries on the connection from which something came last. */
  #progress: { readonly connection: string; entries: number } | undefined;
  /** Messages are read in their order, also when some need time. */
  #reading: Promise<void> | undefined;
  #pendingBytes = 0;
  #cancelRequest: () => void = () => undefined;
  #cancelReport: (() => void) | undefined;

  constructor(id: string, options: LogReceiverOptions) {
    this.id = id;
    this.#options = options;
    this.#description = { systemName: id, metadata: {} };
  }

  get info(): LogReceiverCounts & Description & { readonly id: string; readonly state: 'live' | 'connecting' | 'away' } {
    const there = this.#isThere || this.#link ? 'connecting' : 'away';
    return {
      id: this.id,
      ...this.#description,
      state: this.#link?.isOpen ? 'live' : there,
      received: this.#received.total,
      receivedPerSecond: this.#received.perSecond(this.#options.clock.monotonic()),
      invalid: this.#invalid,
    };
  }

  /** The server says that the producer is there. */
  arrive(description: Description): void {
    const isKnown = this.#isThere && this.#description.systemName === description.systemName;
    this.#description = description;
    this.#isThere = true;
    if (!this.#link) this.#requestLater();
    if (!isKnown) this.#options.changed();
  }

  /** The server says that the producer is gone. Its channel may live on. */
  leave(): void {
    if (!this.#isThere) return;
    this.#isThere = false;
    this.#cancelRequest();
    this.#options.changed();
  }

  answer(offer: JsonObject, sdp: string): void {
    const before = this.#link;
    this.#link = undefined;
    before?.close();
    this.#cancelRequest();
    this.#isThere = true;
    const features: unknown = offer['features'];
    this.#features = new Set(Array.isArray(features) ? features : []);
    try {
      this.#link = this.#createLink({ sdp, id: textOf(offer, 'connection') });
    } catch {
      // The platform has no more peer connections to give.
      this.#requestLater();
    }
    this.#options.changed();
  }

  addCandidate(message: JsonObject): void {
    if (this.#link?.isAbout(message)) this.#link.addCandidate(message);
  }

  /** Asks for entries of this level. */
  ask(level: LogLevel): void {
    if (this.#features.has('level')) this.#link?.send(JSON.stringify({ type: 'level', level }));
  }

  /** Ends the connection, because it is not wanted any more. */
  disconnect(): void {
    this.#isThere = false;
    this.close();
    this.#options.changed();
  }

  close(): void {
    const link = this.#link;
    this.#link = undefined;
    link?.close();
    this.#cancelRequest();
    this.#cancelReport?.();
    this.#cancelReport = undefined;
  }

  #createLink(offer: { readonly sdp: string; readonly id: string | undefined }): LogLink {
    const { peerConnection, clock, connectTimeoutMs = 15_000, signal, changed } = this.#options;
    const link = LogLink.answering(offer, {
      peerConnection,
      clock,
      connectTimeoutMs,
      disconnectedMs: connectTimeoutMs,
      answer: () => this.#describeSelf(),
      signal: (message) => void signal({ ...message, to: this.id }),
      opened: () => changed(),
      received: (data) => this.#receive(link, data),
      closed: () => this.#closed(link),
    });
    return link;
  }

  /** When everything of the connection before is read, so that what is told is right. */
  async #describeSelf(): Promise<JsonObject> {
    while (this.#reading) {
      // oxlint-disable-next-line no-await-in-loop
      await this.#reading;
    }
    return { features: ['batch', ...(typeof DecompressionStream === 'function' ? ['deflate'] : []), 'received', 'level'], level: this.#options.levelOf(), ...(this.#progress && { resume: this.#progress }) };
  }

  #receive(link: LogLink, data: unknown): void {
    const bytes = sizeOf(data);
    const { maxPendingBytes = 16_777_216 } = this.#options;
    // The producer begins again where this one stopped.
    if (this.#pendingBytes + bytes > maxPendingBytes) return link.close();
    const message = this.#reading && typeof data === 'string' ? Promise.resolve(data).then(() => decodeLogMessage(data, this.#options)) : decodeLogMessage(data, this.#options);
    if (!(message instanceof Promise)) return this.#take(link, message);
    this.#pendingBytes += bytes;
    const before = this.#reading;
    const reading: Promise<void> = this.#takeLater(link, { message, before }).finally(() => {
      this.#pendingBytes -= bytes;
      if (this.#reading === reading) this.#reading = undefined;
    });
    this.#reading = reading;
  }

  async #takeLater(link: LogLink, { message, before }: { readonly message: Promise<LogMessage>; readonly before: Promise<void> | undefined }): Promise<void> {
    const [read] = await Promise.all([message, before]);
    this.#take(link, read);
  }

  #take(link: LogLink, { entries, invalid }: LogMessage): void {
    const { clock } = this.#options;
    this.#invalid += invalid;
    this.#received.add(entries.length, clock.monotonic());
    if (link.id !== undefined) {
      if (this.#progress?.connection !== link.id) this.#progress = { connection: link.id, entries: 0 };
      this.#progress.entries += entries.length + invalid;
      if (this.#features.has('received')) this.#reportLater();
    }
    if (entries.length > 0) this.#options.entries(entries);
  }

  #reportLater(): void {
    this.#cancelReport ??= this.#options.clock.setTimeout(() => {
      this.#cancelReport = undefined;
      if (this.#progress?.connection === this.#link?.id) this.#link?.send(JSON.stringify({ type: 'received', entries: this.#progress?.entries }));
    }, RECEIVED_MS);
  }

  #closed(link: LogLink): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    if (this.#isThere) this.#requestLater();
    this.#options.changed();
  }

  /** Producers that do not know the request offer when the server tells them. */
  #requestLater(): void {
    this.#cancelRequest();
    this.#cancelRequest = this.#options.clock.setTimeout(() => {
      if (!this.#isThere || this.#link) return;
      if (this.#features.size > 0) this.#options.signal({ type: 'webrtc_request', to: this.id });
      this.#requestLater();
    }, REQUEST_MS);
  }
}

function sizeOf(data: unknown): number {
  if (typeof data === 'string') return data.length;
  if (data instanceof Blob) return data.size;
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? data.byteLength : 0;
}
