/**
 * A copy for long keeping. Node cuts small Buffers from slabs of 64 KiB, and a slab lives as long as
 * anything that was cut from it.
 */
export function ownCopy(bytes: Uint8Array): Buffer {
  const copy = Buffer.alloc(bytes.length);
  copy.set(bytes);
  return copy;
}
