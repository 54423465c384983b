import type { LogLevel } from './log-entry.ts';

/** A log entry as it is sent. */
export interface LogLine {
  readonly level: LogLevel;
  /** The entry as JSON. */
  readonly text: string;
  /** Of the text in UTF-8. */
  readonly bytes: number;
}

/** Bounds of a {@link LogBuffer}. */
export interface LogBufferLimits {
  readonly maxEntries: number;
  /** Of all entries together. */
  readonly maxBytes: number;
}

/** Free places at the front are given back when there are so many. */
const COMPACT_AT = 1_024;

/** The newest lines, numbered from 0 on. What does not fit any more, the oldest loses. */
export class LogBuffer {
  readonly #limits: LogBufferLimits;
  #lines: (LogLine | undefined)[] = [];
  /** Free places at the front of `#lines`. */
  #free = 0;
  #start = 0;
  #bytes = 0;

  constructor(limits: LogBufferLimits) {
    this.#limits = limits;
  }

  /** Number of the oldest line that is there, or of the next if there is none. */
  get start(): number {
    return this.#start;
  }

  /** Number of the next line. */
  get end(): number {
    return this.#start + this.size;
  }

  get size(): number {
    return this.#lines.length - this.#free;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the newest; a line of more than all the bytes is not kept. */
  push(line: LogLine): void {
    this.#lines.push(line);
    this.#bytes += line.bytes;
    while (this.size > this.#limits.maxEntries || this.#bytes > this.#limits.maxBytes) this.#shift();
  }

  at(number: number): LogLine | undefined {
    return number < this.#start ? undefined : this.#lines[this.#free + number - this.#start];
  }

  /** Lets go of all lines before this one. */
  release(number: number): void {
    while (this.#start < number && this.size > 0) this.#shift();
  }

  #shift(): void {
    this.#bytes -= this.#lines[this.#free]?.bytes ?? 0;
    this.#lines[this.#free] = undefined;
    this.#free += 1;
    this.#start += 1;
    if (this.#free < COMPACT_AT || this.#free * 2 < this.#lines.length) return;
    this.#lines = this.#lines.slice(this.#free);
    this.#free = 0;
  }
}
