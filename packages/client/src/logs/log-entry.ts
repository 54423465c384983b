/** From the gravest to the finest. */
export const LOG_LEVELS = ['ERROR', 'WARN', 'INFO', 'DEBUG'] as const;

/** How grave a log entry is. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The operation that an entry was written in. */
export interface LogSpan {
  readonly id: string;
  /** The same for all spans of one request, across systems. */
  readonly trace_id: string;
  readonly parent_id?: string | undefined;
}

/** One line of a log, as it travels. */
export interface LogEntry {
  /** ISO 8601, for example `2026-11-28T09:00:00.123Z`. */
  readonly timestamp: string;
  readonly level: LogLevel;
  /** The part of the system that wrote it. */
  readonly target: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
  readonly span?: LogSpan | undefined;
}

/** Years to seconds, with a fraction and an offset where there is one (RFC 3339 with the freedom of ISO 8601). */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,12})?)?(?:Z|[+-]\d{2}:?\d{2})?$/i;
const MAX_NAME_LENGTH = 1_024;
const MAX_MESSAGE_LENGTH = 262_144;

/** Whether an entry of this level is as grave as `least` or graver. */
export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(least);
}

/** Whether it is one of {@link LOG_LEVELS}. */
export function isLogLevel(value: unknown): value is LogLevel {
  return LOG_LEVELS.some((level) => level === value);
}

/**
 * Reads an entry that came from somewhere else; undefined when it is none. What an entry does not have is left out,
 * and an optional part that is null counts as absent, as encoders of other languages write it.
 */
export function decodeLogEntry(value: unknown): LogEntry | undefined {
  if (!isRecord(value)) return undefined;
  const { timestamp, level, target, message, fields, span } = value;
  if (!isTimestamp(timestamp) || !isLogLevel(level) || !isText(target, MAX_NAME_LENGTH) || !isText(message, MAX_MESSAGE_LENGTH)) return undefined;
  if (isPresent(fields) && !isRecord(fields)) return undefined;
  const decodedSpan = isPresent(span) ? decodeSpan(span) : undefined;
  if (isPresent(span) && !decodedSpan) return undefined;
  return {
    timestamp,
    level,
    target,
    message,
    ...(isRecord(fields) && { fields }),
    ...(decodedSpan && { span: decodedSpan }),
  };
}

function decodeSpan(value: unknown): LogSpan | undefined {
  if (!isRecord(value)) return undefined;
  const [id, traceId, parentId] = [idOf(value['id']), idOf(value['trace_id']), idOf(value['parent_id'])];
  if (id === undefined || traceId === undefined || (isPresent(value['parent_id']) && parentId === undefined)) return undefined;
  return { id, trace_id: traceId, ...(parentId !== undefined && { parent_id: parentId }) };
}

/** Tracing libraries count spans, or draw ids of hexadecimal digits. */
function idOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return isText(value, MAX_NAME_LENGTH) && value !== '' ? value : undefined;
}

/** Whether it is a date with a time in ISO 8601. */
export function isTimestamp(value: unknown): value is string {
  return isText(value, 64) && TIMESTAMP.test(value) && !Number.isNaN(Date.parse(value.replace(',', '.')));
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length <= maxLength;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
