import { MediaError } from '@sluice/core';
import type { Clip, ClipFrame } from '../clip.ts';
import { clipBytesOf } from '../clip-bytes.ts';
import { openBytes } from '../open-clip.ts';

/** One pass over a clip. */
export async function readAll(clip: Clip): Promise<ClipFrame[]> {
  const frames: ClipFrame[] = [];
  for (let frame = await clip.next(); frame; frame = await clip.next()) frames.push(frame);
  return frames;
}

/** Opens a clip that is in memory. */
export function openMemory(bytes: Uint8Array): Promise<Clip> {
  return openBytes(clipBytesOf('clip.test', bytes));
}

/** Reads any bytes to their end. @returns the words of the error, which must be ours */
export async function readAnything(bytes: Uint8Array): Promise<string> {
  try {
    await readAll(await openMemory(bytes));
    return '';
  } catch (error) {
    if (MediaError.is(error) && error.code === 'SOURCE_FAILED') return error.message;
    throw error;
  }
}
