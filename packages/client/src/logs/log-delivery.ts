import type { LogBuffer, LogLine } from './log-buffer.ts';
import { type LogLevel, isAtLeast } from './log-entry.ts';

/** How much goes into one message. */
export interface BatchLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** Where a consumer says it was on its last connection. */
export interface ResumePoint {
  readonly connection: string;
  /** That it received there. */
  readonly entries: number;
}

/** A message that was handed to the channel. */
interface Handed {
  /** All entries on this connection up to and with it. */
  readonly entries: number;
  /** All bytes on this connection up to and with it. */
  readonly bytes: number;
  /** Number of the line after it. */
  readonly next: number;
}

/**
 * How far one consumer has got in the buffer, over all of its connections. What was handed to a channel is not there yet:
 * a consumer that says how much it received settles it, for others the channel's buffer must have let it go.
 */
export class LogDelivery {
  /** Entries that the buffer lost before they could be handed over. */
  missed = 0;
  readonly #buffer: LogBuffer;
  #next: number;
  #confirmed: number;
  #handed: Handed[] = [];
  #entries = 0;
  #bytes = 0;
  #connection: string | undefined;

  constructor(buffer: LogBuffer, start: number) {
    this.#buffer = buffer;
    this.#next = start;
    this.#confirmed = start;
  }

  /** Number of the next line to hand over. */
  get next(): number {
    return this.#next;
  }

  /** All lines before this number have arrived, or need not. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** Whether there are lines that were not looked at. */
  get hasMore(): boolean {
    return this.#next < this.#buffer.end;
  }

  /** Begins with a new connection where the last one is known to have come. */
  begin(connection: string, resume: ResumePoint | undefined): void {
    if (resume && resume.connection === this.#connection) this.received(resume.entries);
    this.#next = this.#confirmed;
    this.#handed = [];
    this.#entries = 0;
    this.#bytes = 0;
    this.#connection = connection;
  }

  /** The next lines that are as grave as asked; what is finer is passed over. */
  take(level: LogLevel, { maxEntries, maxBytes }: BatchLimits): readonly LogLine[] {
    this.#passOverLost();
    const lines: LogLine[] = [];
    let bytes = 0;
    for (let line = this.#buffer.at(this.#next); line; line = this.#buffer.at(this.#next)) {
      const isWanted = isAtLeast(line.level, level);
      if (isWanted && lines.length > 0 && (lines.length >= maxEntries || bytes + line.bytes > maxBytes)) break;
      this.#next += 1;
      if (!isWanted) continue;
      lines.push(line);
      bytes += line.bytes;
    }
    if (this.#handed.length === 0 && lines.length === 0) this.#confirmed = this.#next;
    return lines;
  }

  /** The channel has the lines that were taken last, as a message of this size. */
  handedOver(entries: number, bytes: number): void {
    this.#entries += entries;
    this.#bytes += bytes;
    this.#handed.push({ entries: this.#entries, bytes: this.#bytes, next: this.#next });
    // What the buffer has lost cannot be handed over again, so that it need not be known either.
    this.#settle((handed) => handed.next <= this.#buffer.start);
  }

  /** The consumer says how many entries it has received on this connection. */
  received(entries: number): void {
    this.#settle((handed) => handed.entries <= entries);
  }

  /** The channel has kept only so many bytes; the others are on their way. */
  drained(bufferedBytes: number): void {
    const sent = this.#bytes - bufferedBytes;
    this.#settle((handed) => handed.bytes <= sent);
  }

  #settle(isDone: (handed: Handed) => boolean): void {
    const open = this.#handed.findIndex((handed) => !isDone(handed));
    const done = open < 0 ? this.#handed : this.#handed.slice(0, open);
    this.#confirmed = done.at(-1)?.next ?? this.#confirmed;
    this.#handed = open < 0 ? [] : this.#handed.slice(open);
  }

  #passOverLost(): void {
    const lost = this.#buffer.start - this.#next;
    if (lost <= 0) return;
    this.missed += lost;
    this.#next = this.#buffer.start;
  }
}
