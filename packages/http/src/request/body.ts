import { type ErrorCode, MediaError } from '@sluice/core';

/** What {@link readText} takes. */
export interface BodyRules {
  readonly maxBytes: number;
  /** Code of the error that a body of other bytes than UTF-8 becomes. */
  readonly malformed: ErrorCode;
}

/**
 * The body as text. Reading stops at the limit, whatever Content-Length says.
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

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (MediaError.is(cause)) throw cause;
    throw new MediaError('REQUEST_ABORTED', 'The request broke off before its body was complete.', { cause });
  }
  return Buffer.concat(chunks, size);
}

function tooLarge(maxBytes: number): MediaError {
  return new MediaError('OFFER_TOO_LARGE', `The body is larger than the ${maxBytes} bytes that are allowed.`);
}
