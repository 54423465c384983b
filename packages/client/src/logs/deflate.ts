/**
 * Compresses as `deflate` of HTTP does: zlib (RFC 1950), which every language's zlib reads.
 * @throws TypeError when the platform has no CompressionStream
 */
export async function deflate(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(new Blob([text]).stream().pipeThrough(new CompressionStream('deflate')))) chunks.push(chunk);
  return joined(chunks);
}

/**
 * Reads what {@link deflate} makes, and raw DEFLATE (RFC 1951) and gzip as well, because the wire says no more than "deflate".
 * @param maxBytes of the text
 * @throws RangeError when the text is longer, TypeError when the bytes are broken
 */
export async function inflate(bytes: Uint8Array<ArrayBuffer>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(new Blob([bytes]).stream().pipeThrough(new DecompressionStream(formatOf(bytes))))) {
    length += chunk.byteLength;
    if (length > maxBytes) throw new RangeError(`A compressed message holds more than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(joined(chunks));
}

/** The first two bytes of zlib are a method of 8 and a multiple of 31; those of gzip are fixed. Raw DEFLATE has no header. */
function formatOf([first = 0, second = 0]: Uint8Array): ConstructorParameters<typeof DecompressionStream>[0] {
  if (first === 0x1f && second === 0x8b) return 'gzip';
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0 ? 'deflate' : 'deflate-raw';
}

/** By a reader, because not every browser lets a stream be iterated. Given up early, the stream is cancelled. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
