import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import type { DataMessage } from '@sluice/core';
import { decodeLogEntry } from './log-entry.ts';

/** What a message of the channel `logs` holds. */
export interface LogMessage {
  /** Each as JSON. */
  readonly entries: readonly string[];
  /** Parts of it that are no entries; 1 for a message that cannot be read at all. */
  readonly invalid: number;
  /** Of its text, when it was compressed after that. */
  readonly bytes: number;
}

/**
 * Reads one entry or a batch (a JSON array of entries); bytes are compressed text. Never throws.
 * @param maxBytes of the text
 */
export function decodeLogMessage(message: DataMessage, maxBytes: number): LogMessage {
  const text = typeof message === 'string' ? message : inflate(message, maxBytes);
  // What is not unpacked to its end has cost as much as it may have.
  if (text === undefined) return { entries: [], invalid: 1, bytes: maxBytes };
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) return { entries: [], invalid: 1, bytes };
  const value = parsed(text);
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  const entries = parts.map(decodeLogEntry).filter((entry) => entry !== undefined);
  return { entries, invalid: parts.length - entries.length, bytes };
}

/** Undefined for what is longer, or broken. */
function inflate(bytes: Uint8Array, maxBytes: number): string | undefined {
  try {
    const text = unpackerOf(bytes)(bytes, { maxOutputLength: maxBytes });
    return new TextDecoder('utf-8', { fatal: true }).decode(text);
  } catch {
    return undefined;
  }
}

/** "deflate" is zlib to HTTP (RFC 1950) and raw (RFC 1951) to others; zlib and gzip have a header by which they are known. */
function unpackerOf([first = 0, second = 0]: Uint8Array): typeof inflateSync {
  if (first === 0x1f && second === 0x8b) return gunzipSync;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0 ? inflateSync : inflateRawSync;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
