import { inflate } from './deflate.ts';
import { type LogEntry, decodeLogEntry } from './log-entry.ts';

/** Bounds of one message of a log channel. */
export interface LogMessageLimits {
  /** Of its text, also when it came compressed. Default 4,194,304. */
  readonly maxMessageBytes?: number | undefined;
  /** Entries of a batch. Default 10,000. */
  readonly maxBatchEntries?: number | undefined;
}

/** What a message of a log channel holds. */
export interface LogMessage {
  readonly entries: readonly LogEntry[];
  /** Parts of it that are no entries; 1 for a message that cannot be read at all. */
  readonly invalid: number;
}

const UNREADABLE: LogMessage = { entries: [], invalid: 1 };

/**
 * Reads a message of a log channel: one entry or an array of them, as JSON or compressed.
 * A text is read at once; bytes need time. It never throws.
 */
export function decodeLogMessage(data: unknown, limits: LogMessageLimits = {}): LogMessage | Promise<LogMessage> {
  const { maxMessageBytes = 4_194_304, maxBatchEntries = 10_000 } = limits;
  if (typeof data === 'string') return data.length > maxMessageBytes ? UNREADABLE : decodeText(data, maxBatchEntries);
  return decodeBinary(data, { maxMessageBytes, maxBatchEntries }).catch(() => UNREADABLE);
}

async function decodeBinary(data: unknown, { maxMessageBytes, maxBatchEntries }: { readonly maxMessageBytes: number; readonly maxBatchEntries: number }): Promise<LogMessage> {
  const bytes = await bytesOf(data);
  if (!bytes || bytes.byteLength > maxMessageBytes) return UNREADABLE;
  return decodeText(await inflate(bytes, maxMessageBytes), maxBatchEntries);
}

async function bytesOf(data: unknown): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  // A copy, because it may be a view of a buffer that is used again.
  if (ArrayBuffer.isView(data)) return new Uint8Array(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : undefined;
}

function decodeText(text: string, maxBatchEntries: number): LogMessage {
  const value = parsed(text);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > maxBatchEntries) return { entries: [], invalid: list.length };
  const entries = list.map(decodeLogEntry).filter((entry) => entry !== undefined);
  return { entries, invalid: list.length - entries.length };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
