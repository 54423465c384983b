import type { LogLine } from './log-buffer.ts';
import { type LogEntry, type LogLevel, type LogSpan, isTimestamp } from './log-entry.ts';

/** What a program says; the rest of the entry is filled in. */
export interface LogInput {
  readonly level: LogLevel;
  readonly message: string;
  /** The part of the program. Default: the producer's. */
  readonly target?: string | undefined;
  /** Default: now. Milliseconds since 1970, or a text in ISO 8601; any other text counts as now. */
  readonly timestamp?: Date | number | string | undefined;
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
  readonly span?: LogSpan | undefined;
}

/** What {@link encodeLogEntry} fills in. */
export interface LogEntryDefaults {
  readonly target: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Of the entry as JSON. */
  readonly maxBytes: number;
}

const MAX_TARGET_LENGTH = 256;
const encoder = new TextEncoder();

/** Writes an entry down. It never throws: what JSON cannot hold is written as words, and what is too large is cut. */
export function encodeLogEntry(input: LogInput, { target, now, maxBytes }: LogEntryDefaults): LogLine {
  const { level, message, span } = input;
  const entry: LogEntry = {
    timestamp: timestampOf(input.timestamp, now),
    level,
    target: (input.target ?? target).slice(0, MAX_TARGET_LENGTH),
    message,
    ...(input.fields && { fields: input.fields }),
    ...(span && { span }),
  };
  const line = lineOf(level, jsonOf(entry));
  if (line.bytes <= maxBytes) return line;
  return lineOf(level, jsonOf({ ...entry, fields: { truncated_bytes: line.bytes }, message: cut(entry.message, maxBytes / 2) }));
}

function lineOf(level: LogLevel, text: string): LogLine {
  return { level, text, bytes: encoder.encode(text).byteLength };
}

function timestampOf(timestamp: LogInput['timestamp'], now: number): string {
  if (isTimestamp(timestamp)) return timestamp;
  const date = new Date(typeof timestamp === 'string' ? now : (timestamp ?? now));
  return Number.isNaN(date.getTime()) ? new Date(now).toISOString() : date.toISOString();
}

function jsonOf(entry: LogEntry): string {
  try {
    return JSON.stringify(entry, plainValue);
  } catch {
    // It holds itself, or something that throws when it is looked at.
    return JSON.stringify({ ...entry, fields: { unserialisable: describe(entry.fields) } }, plainValue);
  }
}

function plainValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return `[function ${value.name}]`;
  if (value instanceof Error) return Object.assign({ name: value.name, message: value.message, stack: value.stack }, value);
  if (value instanceof Map) return Object.fromEntries(value);
  return value instanceof Set ? [...value] : value;
}

function describe(fields: LogEntry['fields']): string {
  return Object.keys(fields ?? {}).join(', ');
}

/** Every character may need six bytes of JSON (`\u001b`). */
function cut(message: string, maxBytes: number): string {
  const length = Math.max(0, Math.floor(maxBytes / 6));
  return message.length <= length ? message : `${message.slice(0, length)}…`;
}
