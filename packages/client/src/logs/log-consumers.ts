import type { Clock } from '../time/clock.ts';
import type { JsonObject } from '../web-socket/json-object.ts';
import type { LogBuffer, LogLine } from './log-buffer.ts';
import { LogDelivery } from './log-delivery.ts';
import { LogLink } from './log-link.ts';
import { type LogFeatureUse, LogSender, type LogSendingOptions, consumerFeaturesOf } from './log-sender.ts';
import { randomName, textOf } from './log-signalling.ts';
import type { PeerConnectionFactory } from '../peer-connection/peer-connection-like.ts';
import { RateCounter } from './rate-counter.ts';

/** Before a consumer that is still wanted is offered a connection again, milliseconds. */
const OFFER_AGAIN_MS = 5_000;

/** A consumer that the server does not know any more may have lost only the server, milliseconds. */
const UNWANTED_MS = 30_000;

/** What was kept while nobody was there is for all who come so soon after the first, milliseconds. */
const BACKLOG_MS = 10_000;

/** Consumers that are gone, of which it is remembered how far they got. */
const MAX_REMEMBERED = 64;

/** What {@link LogConsumers} takes. */
export interface LogConsumersOptions {
  readonly clock: Clock;
  readonly buffer: LogBuffer;
  readonly peerConnection: PeerConnectionFactory;
  readonly signal: (message: JsonObject) => boolean;
  readonly connected: (consumerId: string) => void;
  readonly disconnected: (consumerId: string) => void;
  readonly batching?: LogFeatureUse | undefined;
  readonly maxBatchEntries?: number | undefined;
  readonly maxBatchBytes?: number | undefined;
  readonly batchDelayMs?: number | undefined;
  readonly compression?: LogFeatureUse | undefined;
  readonly minCompressBytes?: number | undefined;
  readonly maxChannelBytes?: number | undefined;
  readonly maxConsumers?: number | undefined;
  readonly rememberMs?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
}

interface Consumer {
  readonly id: string;
  /** The server says that it is there. */
  isWanted: boolean;
  link: LogLink | undefined;
  sender: LogSender | undefined;
  delivery: LogDelivery | undefined;
  /** Of its last answer. */
  answer: JsonObject;
  /** When its channel opened, monotonic. */
  openedAt: number;
  cancelTimer: () => void;
}

/** The consumers of one producer: who wants its lines, who has a connection, and how far each has got. */
export class LogConsumers {
  readonly #options: LogConsumersOptions;
  readonly #sending: LogSendingOptions;
  readonly #maxConsumers: number;
  readonly #consumers = new Map<string, Consumer>();
  readonly #sent = new RateCounter();
  readonly #sentBytes = new RateCounter();
  #dropped = 0;
  #missedBefore = 0;
  #refused = 0;
  /** Everything before it has come to somebody. */
  #delivered = 0;
  /** What was kept while nobody was there begins here, and is for newcomers until then. */
  #backlog = { start: 0, until: -Infinity };
  #isClosed = false;

  constructor(options: LogConsumersOptions) {
    const { batching = 'accepted', maxBatchEntries = 500, maxBatchBytes = 60_000, batchDelayMs = 20, compression = 'accepted', minCompressBytes = 1_024, maxChannelBytes = 1_048_576, maxConsumers = 32 } = options;
    this.#options = options;
    this.#sending = { batching, batch: { maxEntries: maxBatchEntries, maxBytes: maxBatchBytes }, batchDelayMs, compression, minCompressBytes, maxChannelBytes };
    this.#maxConsumers = maxConsumers;
  }

  get stats(): { sent: number; sentPerSecond: number; sentBytes: number; sentBytesPerSecond: number; dropped: number; missed: number; consumers: number; refusedConsumers: number } {
    const now = this.#options.clock.monotonic();
    return {
      sent: this.#sent.total,
      sentPerSecond: this.#sent.perSecond(now),
      sentBytes: this.#sentBytes.total,
      sentBytesPerSecond: this.#sentBytes.perSecond(now),
      dropped: this.#dropped,
      missed: this.#all.reduce((sum, { delivery }) => sum + (delivery?.missed ?? 0), this.#missedBefore),
      consumers: this.#open.length,
      refusedConsumers: this.#refused,
    };
  }

  /** Whether everybody who is connected has everything, and somebody is or was. */
  get isSettled(): boolean {
    const { end } = this.#options.buffer;
    return this.#delivered >= end && this.#open.every(({ delivery }) => delivery !== undefined && delivery.confirmed >= end);
  }

  write(line: LogLine): void {
    const { buffer } = this.#options;
    const before = buffer.start;
    buffer.push(line);
    // Lines that somebody had were kept for others; those are counted where they are missed.
    if (buffer.start > before) this.#dropped += Math.max(0, buffer.start - Math.max(before, this.#furthest));
    for (const { sender } of this.#consumers.values()) sender?.wake();
  }

  flush(): void {
    for (const { sender } of this.#open) sender?.flush();
  }

  /** The server says that a consumer is there. */
  want(id: string): void {
    const known = this.#consumers.get(id);
    if (!known && this.#all.filter(({ isWanted, link }) => isWanted || link).length >= this.#maxConsumers) {
      this.#refused += 1;
      return;
    }
    const consumer = known ?? { id, isWanted: true, link: undefined, sender: undefined, delivery: undefined, answer: {}, openedAt: 0, cancelTimer: () => undefined };
    this.#consumers.set(id, consumer);
    consumer.cancelTimer();
    consumer.isWanted = true;
    // The channel needs no server: what still works is not made anew.
    if (!consumer.link?.isOpen) this.#offer(consumer);
  }

  /** The server says that a consumer is gone. */
  unwant(id: string): void {
    const consumer = this.#consumers.get(id);
    if (!consumer) return;
    consumer.isWanted = false;
    consumer.cancelTimer();
    const { link } = consumer;
    if (!link) return this.#remember(consumer);
    if (!link.isOpen) return link.close();
    consumer.cancelTimer = this.#options.clock.setTimeout(() => link.close(), UNWANTED_MS);
  }

  /** The server is gone, and will say again who is there. */
  forgetWanted(): void {
    for (const consumer of this.#consumers.values()) {
      if (!consumer.isWanted) continue;
      consumer.isWanted = false;
      consumer.cancelTimer();
      // An answer to what was offered cannot come any more.
      if (consumer.link && !consumer.link.isOpen) consumer.link.close();
      else if (!consumer.link) this.#remember(consumer);
    }
  }

  receive(message: JsonObject): void {
    const consumer = this.#consumers.get(textOf(message, 'from') ?? '');
    if (!consumer) return;
    if (message['type'] === 'webrtc_request' && !this.#isClosed) return this.#offer(consumer);
    const { link } = consumer;
    if (!link?.isAbout(message)) return;
    const sdp = textOf(message, 'sdp');
    if (message['type'] === 'ice_candidate') return link.addCandidate(message);
    if (message['type'] !== 'webrtc_answer' || sdp === undefined) return;
    consumer.answer = message;
    link.accept(sdp);
  }

  close(): void {
    this.#isClosed = true;
    for (const consumer of this.#consumers.values()) {
      consumer.isWanted = false;
      consumer.cancelTimer();
      consumer.link?.close();
      consumer.cancelTimer();
    }
    this.#consumers.clear();
  }

  /** The first line that was handed to nobody. */
  get #furthest(): number {
    return this.#all.reduce((furthest, { delivery }) => Math.max(furthest, delivery?.next ?? 0), this.#delivered);
  }

  get #all(): Consumer[] {
    return [...this.#consumers.values()];
  }

  get #open(): Consumer[] {
    return this.#all.filter(({ link }) => link?.isOpen);
  }

  #offer(consumer: Consumer): void {
    const before = consumer.link;
    consumer.link = undefined;
    before?.close();
    consumer.cancelTimer();
    consumer.answer = {};
    try {
      consumer.link = this.#createLink(consumer);
    } catch {
      // The platform has no more peer connections to give.
      this.#offerLater(consumer, OFFER_AGAIN_MS);
    }
  }

  #createLink(consumer: Consumer): LogLink {
    const { id } = consumer;
    const { clock, peerConnection, signal, connectTimeoutMs = 15_000 } = this.#options;
    const link = LogLink.offering(randomName(), {
      peerConnection,
      clock,
      connectTimeoutMs,
      disconnectedMs: connectTimeoutMs,
      offer: { features: ['batch', 'deflate', 'received', 'level'] },
      signal: (message) => void signal({ ...message, to: id }),
      opened: () => this.#opened(consumer, link),
      received: (data) => consumer.sender?.receive(data),
      closed: () => this.#closed(consumer, link),
    });
    return link;
  }

  #opened(consumer: Consumer, link: LogLink): void {
    if (consumer.link !== link) return;
    const { clock, connected } = this.#options;
    const features = consumerFeaturesOf(consumer.answer);
    const delivery = (consumer.delivery ??= new LogDelivery(this.#options.buffer, this.#startOf(consumer)));
    delivery.begin(link.id ?? '', features.resume);
    consumer.sender = new LogSender({
      ...this.#sending,
      clock,
      link,
      delivery,
      features,
      sent: (entries, bytes) => this.#count(entries, bytes),
      settled: () => this.#release(delivery),
    });
    consumer.sender.flush();
    consumer.openedAt = clock.monotonic();
    connected(consumer.id);
  }

  /** A newcomer gets what nobody has had, or else what comes from now on. */
  #startOf(newcomer: Consumer): number {
    const { clock, buffer } = this.#options;
    const now = clock.monotonic();
    const isFirst = this.#open.every((consumer) => consumer === newcomer);
    if (isFirst) this.#backlog = { start: this.#delivered, until: now + BACKLOG_MS };
    return now <= this.#backlog.until ? Math.max(this.#backlog.start, buffer.start) : buffer.end;
  }

  #closed(consumer: Consumer, link: LogLink): void {
    // Another one may have its place.
    if (consumer.link !== link && consumer.link !== undefined) return;
    consumer.link = undefined;
    const wasOpen = consumer.sender !== undefined;
    consumer.sender?.stop();
    consumer.sender = undefined;
    consumer.cancelTimer();
    if (this.#isClosed) return;
    if (wasOpen) this.#options.disconnected(consumer.id);
    const { clock } = this.#options;
    if (!consumer.isWanted) return this.#remember(consumer);
    // One that breaks as soon as it is open would be made again without end.
    const wasStable = wasOpen && clock.monotonic() - consumer.openedAt >= OFFER_AGAIN_MS;
    this.#offerLater(consumer, wasStable ? 0 : OFFER_AGAIN_MS);
  }

  #offerLater(consumer: Consumer, delayMs: number): void {
    consumer.cancelTimer = this.#options.clock.setTimeout(() => this.#offer(consumer), delayMs);
  }

  #remember(consumer: Consumer): void {
    consumer.cancelTimer = this.#options.clock.setTimeout(() => this.#forget(consumer), this.#options.rememberMs ?? 300_000);
    const gone = this.#all.filter(({ isWanted, link }) => !isWanted && !link);
    const oldest = gone.length > MAX_REMEMBERED ? gone[0] : undefined;
    if (oldest) this.#forget(oldest);
  }

  #forget(consumer: Consumer): void {
    consumer.cancelTimer();
    this.#missedBefore += consumer.delivery?.missed ?? 0;
    this.#consumers.delete(consumer.id);
    this.#release();
  }

  #count(entries: number, bytes: number): void {
    const now = this.#options.clock.monotonic();
    this.#sent.add(entries, now);
    this.#sentBytes.add(bytes, now);
  }

  /** Lines that everybody has are not kept. */
  #release(settled?: LogDelivery): void {
    this.#delivered = Math.max(this.#delivered, settled?.confirmed ?? 0);
    const { buffer, clock } = this.#options;
    const kept = this.#all.map(({ delivery }) => delivery?.confirmed ?? Infinity);
    const backlog = clock.monotonic() <= this.#backlog.until ? this.#backlog.start : Infinity;
    buffer.release(Math.min(this.#delivered, backlog, ...kept));
  }
}
