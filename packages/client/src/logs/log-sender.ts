import type { Clock } from '../time/clock.ts';
import type { JsonObject } from '../web-socket/json-object.ts';
import { parseJsonObject } from '../web-socket/json-object.ts';
import { deflate } from './deflate.ts';
import type { LogLine } from './log-buffer.ts';
import type { BatchLimits, LogDelivery, ResumePoint } from './log-delivery.ts';
import { type LogLevel, isLogLevel } from './log-entry.ts';
import type { LogLink } from './log-link.ts';
import { textOf } from './log-signalling.ts';

/** When something is done: with consumers that say that they understand it, or whatever they say. */
export type LogFeatureUse = 'accepted' | 'always' | 'never';

/** How lines are put into messages. */
export interface LogSendingOptions {
  readonly batching: LogFeatureUse;
  readonly batch: BatchLimits;
  /** How long a line may wait for others, milliseconds. */
  readonly batchDelayMs: number;
  readonly compression: LogFeatureUse;
  /** Shorter messages go as they are. */
  readonly minCompressBytes: number;
  /** When so many bytes wait in a channel, no more are handed to it. */
  readonly maxChannelBytes: number;
}

/** What a consumer says in its answer of itself. */
export interface ConsumerFeatures {
  readonly batch: boolean;
  readonly deflate: boolean;
  /** It says how much it has received. */
  readonly received: boolean;
  readonly level: LogLevel;
  readonly resume: ResumePoint | undefined;
}

/** What {@link LogSender} takes. */
export interface LogSenderOptions extends LogSendingOptions {
  readonly clock: Clock;
  readonly link: LogLink;
  readonly delivery: LogDelivery;
  readonly features: ConsumerFeatures;
  /** Entries that went to the channel. */
  readonly sent: (entries: number, bytes: number) => void;
  /** Lines before a certain one need not be kept for this consumer any more. */
  readonly settled: () => void;
}

/** Hands the lines of the buffer to the channel of one consumer, as fast as it takes them. */
export class LogSender {
  readonly #options: LogSenderOptions;
  #level: LogLevel;
  #isBusy = false;
  #cancelTimer: (() => void) | undefined;

  constructor(options: LogSenderOptions) {
    this.#options = options;
    this.#level = options.features.level;
  }

  /** There may be something to send. */
  wake(): void {
    if (this.#cancelTimer || this.#isBusy || this.#options.link.isClosed) return;
    const { clock, batchDelayMs } = this.#options;
    this.#cancelTimer = clock.setTimeout(() => {
      this.#cancelTimer = undefined;
      void this.#run();
    }, batchDelayMs);
  }

  /** Now, and not after the delay. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    void this.#run();
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#settle();
  }

  /** What the consumer says on the channel. */
  receive(data: unknown): void {
    const message = typeof data === 'string' ? parseJsonObject(data) : undefined;
    if (!message) return;
    if (message['type'] === 'level' && isLogLevel(message['level'])) this.#level = message['level'];
    const { entries } = message;
    if (message['type'] !== 'received' || !this.#options.features.received || typeof entries !== 'number') return;
    const { delivery, settled } = this.#options;
    delivery.received(entries);
    settled();
    // Lines behind them that this consumer does not want need not arrive.
    if (delivery.confirmed < delivery.next) this.wake();
  }

  async #run(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      await this.#sendAll();
    } finally {
      this.#isBusy = false;
    }
    this.#settle();
    const { delivery, features } = this.#options;
    // Something was written meanwhile, or did not fit, or is not known to have left the channel.
    if (delivery.hasMore || (!features.received && delivery.confirmed < delivery.next)) this.wake();
  }

  async #sendAll(): Promise<void> {
    const { link, delivery, maxChannelBytes } = this.#options;
    while (link.isOpen && link.bufferedBytes < maxChannelBytes) {
      const lines = delivery.take(this.#level, this.#batch());
      if (lines.length === 0) return;
      // One message after the other, because their order is what the channel keeps.
      // oxlint-disable-next-line no-await-in-loop
      const isSent = this.#mayDeflate(lines) ? await this.#sendDeflated(lines) : this.#send(lines, textOfLines(lines, this.#isBatching));
      if (!isSent) return;
    }
  }

  get #isBatching(): boolean {
    const { batching, features } = this.#options;
    return batching === 'always' || (batching === 'accepted' && features.batch);
  }

  #batch(): BatchLimits {
    return this.#isBatching ? this.#options.batch : { maxEntries: 1, maxBytes: Infinity };
  }

  #mayDeflate(lines: readonly LogLine[]): boolean {
    const { compression, minCompressBytes, features } = this.#options;
    if (compression === 'never' || typeof CompressionStream !== 'function' || (compression === 'accepted' && !features.deflate)) return false;
    return bytesOfLines(lines, this.#isBatching) >= minCompressBytes;
  }

  async #sendDeflated(lines: readonly LogLine[]): Promise<boolean> {
    const text = textOfLines(lines, this.#isBatching);
    const data = await deflate(text).catch(() => text);
    return this.#send(lines, data);
  }

  #send(lines: readonly LogLine[], data: string | Uint8Array<ArrayBuffer>): boolean {
    const { link, delivery, sent } = this.#options;
    if (!link.send(data)) return false;
    const bytes = typeof data === 'string' ? bytesOfLines(lines, this.#isBatching) : data.byteLength;
    delivery.handedOver(lines.length, bytes);
    sent(lines.length, bytes);
    return true;
  }

  /** For consumers that do not say what they received, what has left the channel counts as arrived. */
  #settle(): void {
    const { features, delivery, link, settled } = this.#options;
    if (!features.received) delivery.drained(link.bufferedBytes);
    settled();
  }
}

/** Reads an answer; a consumer that says nothing of itself gets one entry per message. */
export function consumerFeaturesOf(answer: JsonObject): ConsumerFeatures {
  const features: readonly unknown[] = Array.isArray(answer['features']) ? answer['features'] : [];
  const { level } = answer;
  return {
    batch: features.includes('batch'),
    deflate: features.includes('deflate'),
    received: features.includes('received'),
    level: isLogLevel(level) ? level : 'DEBUG',
    resume: resumePointOf(answer['resume']),
  };
}

function resumePointOf(value: unknown): ResumePoint | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { entries, ...rest }: { readonly entries?: unknown } = value;
  const connection = textOf(rest, 'connection');
  return connection !== undefined && typeof entries === 'number' ? { connection, entries } : undefined;
}

function textOfLines(lines: readonly LogLine[], isBatch: boolean): string {
  const text = lines.map((line) => line.text).join(',');
  return isBatch ? `[${text}]` : text;
}

/** Of {@link textOfLines} in UTF-8. */
function bytesOfLines(lines: readonly LogLine[], isBatch: boolean): number {
  const commas = lines.length - 1;
  return lines.reduce((sum, { bytes }) => sum + bytes, commas + (isBatch ? 2 : 0));
}
