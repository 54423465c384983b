import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { MediaError } from '@sluice/core';

/** Read at once from disk; a frame that is larger is read by itself. */
const WINDOW_BYTES = 256 * 1024;

/** Bytes of a clip, wherever they are. */
export interface ClipBytes {
  /** For error messages. */
  readonly name: string;
  readonly size: number;
  /** @throws MediaError SOURCE_FAILED when the clip ends before */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A clip that is in memory. */
export function clipBytesOf(name: string, bytes: Uint8Array): ClipBytes {
  return {
    name,
    size: bytes.length,
    async read(offset, length) {
      if (offset + length > bytes.length) throw damagedClip(name, offset, 'it ends there');
      return bytes.subarray(offset, offset + length);
    },
    async close() {
      await Promise.resolve();
    },
  };
}

/**
 * A clip on disk, of which one window is in memory.
 * @throws MediaError SOURCE_FAILED when it cannot be opened
 */
export async function openClipBytes(path: string, name = path): Promise<ClipBytes> {
  const file = await openToRead(path).catch((error: unknown) => {
    throw new MediaError('SOURCE_FAILED', `The clip ${name} cannot be opened${error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''}.`, { cause: error });
  });
  const size = await sizeOf(file, name);
  let window: { readonly offset: number; readonly bytes: Uint8Array } = { offset: 0, bytes: new Uint8Array() };

  async function readFromDisk(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.min(length, size - offset));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
    return bytes.subarray(0, bytesRead);
  }

  return {
    name,
    size,
    async read(offset, length) {
      if (offset + length > size) throw damagedClip(name, offset, 'it ends there');
      const isInside = offset >= window.offset && offset + length <= window.offset + window.bytes.length;
      if (!isInside) window = { offset, bytes: await readFromDisk(offset, Math.max(length, WINDOW_BYTES)) };
      const start = offset - window.offset;
      // A copy, since the window is replaced while frames are still on their way.
      const bytes = window.bytes.slice(start, start + length);
      if (bytes.length < length) throw damagedClip(name, offset, 'it has become shorter while it was read');
      return bytes;
    },
    close: () => file.close(),
  };
}

/** Does not wait for somebody to write, as opening a pipe does, which would hold a thread of the process for good. */
function openToRead(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** @throws MediaError SOURCE_FAILED for a pipe, a device or a folder, the file closed */
async function sizeOf(file: FileHandle, name: string): Promise<number> {
  const found = await file.stat();
  if (found.isFile()) return found.size;
  await file.close();
  throw new MediaError('SOURCE_FAILED', `The clip ${name} is no file.`);
}

/** The one error of all readers. */
export function damagedClip(name: string, offset: number, why: string): MediaError {
  return new MediaError('SOURCE_FAILED', `The clip ${name} cannot be read at byte ${offset}: ${why}.`);
}
