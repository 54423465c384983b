import type { LogEntry } from '@sluice/client';

/** An entry as the page keeps it. */
export interface LogRow {
  /** Grows with every row, and is never used again. */
  readonly number: number;
  readonly producerId: string;
  readonly system: string;
  readonly entry: LogEntry;
  /** Fields as JSON; empty when there are none. */
  readonly fieldsText: string;
  /** Everything that words are looked for in, in small letters. */
  readonly haystack: string;
}

/** What the page remembers of an entry beside itself, roughly, in characters. */
const OVERHEAD = 200;

/** Makes a row of an entry. */
export function logRowOf(number: number, producer: { readonly id: string; readonly systemName: string }, entry: LogEntry): LogRow {
  const fieldsText = entry.fields ? JSON.stringify(entry.fields) : '';
  const { target, message, span } = entry;
  return {
    number,
    producerId: producer.id,
    system: producer.systemName,
    entry,
    fieldsText,
    haystack: `${message}\n${target}\n${producer.systemName}\n${fieldsText}${span ? `\n${span.trace_id}\n${span.id}` : ''}`.toLowerCase(),
  };
}

/** How much memory a row takes, roughly, in characters. */
export function weightOf({ haystack, entry }: LogRow): number {
  return haystack.length + entry.message.length + OVERHEAD;
}
