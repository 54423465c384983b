import { type ErrorCode, MediaError } from '@sluice/core';

/** What {@link readText} takes. */
export interface BodyRules {
  readonly maxBytes: number;
  /** Code of the error that a body of other bytes than UTF-8 becomes. */
  readonly malformed: ErrorCode;
}

/** How much more than its bound a body may go on, unkept, until the connection is cut. */
const READ_OUT_FACTOR = 16;

/**
 * The body as text. A body over the limit is not kept, whether or not Content-Length announces it.
 * @throws MediaError OFFER_TOO_LARGE, REQUEST_ABORTED, or `rules.malformed`
 */
export async function readText(request: Request, rules: BodyRules): Promise<string> {
  const bytes = await readBytes(request, rules.maxBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new MediaError(rules.malformed, 'The body is not UTF-8 text.', { cause });
  }
}

function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  return hasShortLength(request, maxBytes) ? readAtOnce(request, maxBytes) : readInPieces(request, maxBytes);
}

/** A server reads no more than Content-Length says (RFC 9112 section 6.3). */
function hasShortLength({ headers }: Request, maxBytes: number): boolean {
  return Number(headers.get('content-length') ?? Infinity) <= maxBytes;
}

/** `@hono/node-server` hands the bytes over without a stream, in a third of the time. */
async function readAtOnce(request: Request, maxBytes: number): Promise<Uint8Array> {
  let bytes: ArrayBuffer;
  try {
    bytes = await request.arrayBuffer();
  } catch (cause) {
    throw aborted(cause);
  }
  if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes);
  return new Uint8Array(bytes);
}

async function readInPieces(request: Request, maxBytes: number): Promise<Uint8Array> {
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let chunk = await nextChunk(reader); chunk; chunk = await nextChunk(reader)) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      void readOut(reader, maxBytes * READ_OUT_FACTOR);
      throw tooLarge(maxBytes);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

type Reader = ReadableStreamDefaultReader<Uint8Array> | undefined;

async function nextChunk(reader: Reader): Promise<Uint8Array | undefined> {
  try {
    return (await reader?.read())?.value;
  } catch (cause) {
    throw aborted(cause);
  }
}

/** A client reads the answer only when it has sent its body; cancelling that would break the connection first. */
async function readOut(reader: Reader, maxBytes: number): Promise<void> {
  try {
    for (let rest = maxBytes; rest > 0; ) {
      const chunk = await nextChunk(reader);
      if (!chunk) return;
      rest -= chunk.byteLength;
    }
    await reader?.cancel();
  } catch {
    // The client is gone, and it was not listened to any more.
  }
}

function aborted(cause: unknown): MediaError {
  return new MediaError('REQUEST_ABORTED', 'The request broke off before its body was complete.', { cause });
}

function tooLarge(maxBytes: number): MediaError {
  return new MediaError('OFFER_TOO_LARGE', `The body is larger than the ${maxBytes} bytes that are allowed.`);
}
