/** A UTF-16 code unit is at most this many bytes of UTF-8. */
const MOST_BYTES_PER_UNIT = 3;

/**
 * Refuses here what the server would close the connection for.
 * @throws RangeError
 */
export function checkMessageSize(text: string, maxBytes: number): void {
  // Most messages are far below, and need no encoding to tell.
  if (text.length * MOST_BYTES_PER_UNIT <= maxBytes) return;
  const bytes = new TextEncoder().encode(text).byteLength;
  if (bytes > maxBytes) throw new RangeError(`The message has ${bytes} bytes; at most ${maxBytes} are allowed.`);
}
