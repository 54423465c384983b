import { type JsonMessage, isJsonObject } from '@sluice/core';
import { isSanelyNested } from '../nesting.ts';

const LEVELS: ReadonlySet<unknown> = new Set(['ERROR', 'WARN', 'INFO', 'DEBUG']);

/** ISO 8601 with date and time; seconds, fraction and offset may be left out. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,12})?)?(Z|[+-]\d{2}:?\d{2})?$/i;
const MAX_TIMESTAMP_LENGTH = 64;

/**
 * Reads one log entry: `{timestamp, level, target, message, fields?, span?}`. Members that it does not know are left out,
 * and an optional one that is null counts as absent.
 * @returns the entry as JSON; undefined when it is none
 */
export function decodeLogEntry(value: unknown): string | undefined {
  if (!isJsonObject(value)) return undefined;
  const { timestamp, level, target, message } = value;
  if (!isTimestamp(timestamp) || !LEVELS.has(level) || typeof target !== 'string' || typeof message !== 'string') return undefined;
  const [fields, span] = [value['fields'] ?? undefined, value['span'] ?? undefined];
  if (fields !== undefined && (!isJsonObject(fields) || !isSanelyNested(fields))) return undefined;
  const decodedSpan = isJsonObject(span) ? decodeSpan(span) : undefined;
  if (span !== undefined && !decodedSpan) return undefined;
  return JSON.stringify({ timestamp, level, target, message, fields, span: decodedSpan });
}

function decodeSpan({ id, trace_id: traceId, parent_id: parentId }: JsonMessage): JsonMessage | undefined {
  if (!isId(id) || !isId(traceId)) return undefined;
  if (parentId === undefined || parentId === null) return { id, trace_id: traceId };
  return isId(parentId) ? { id, trace_id: traceId, parent_id: parentId } : undefined;
}

/** Tracing libraries count spans, or draw ids of hexadecimal digits. */
function isId(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}

function isTimestamp(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_TIMESTAMP_LENGTH || !TIMESTAMP.test(value)) return false;
  return !Number.isNaN(Date.parse(value.replace(',', '.')));
}
