import { readFile } from 'node:fs/promises';
import { MediaError } from '@sluice/core';
import { readIvf } from './ivf.ts';
import { readOggPackets } from './ogg.ts';
import { OPUS_CLOCK_RATE, opusDuration, withoutOpusHeaders } from './opus.ts';
import { VP8_CLOCK_RATE, isVp8Keyframe } from './vp8.ts';

/** One frame of picture or sound, and when it is due. */
export interface ClipFrame {
  readonly kind: 'audio' | 'video';
  readonly data: Uint8Array;
  /** Milliseconds since the beginning of the clip. */
  readonly atMs: number;
  /** The same in units of the RTP clock of its kind. */
  readonly timestamp: number;
  /** A viewer can begin here. Always false for audio. */
  readonly keyframe: boolean;
}

/** A clip that can be played in a loop. */
export interface Clip {
  readonly durationMs: number;
  /** Ordered by `atMs`; the first one is a keyframe. */
  readonly frames: readonly ClipFrame[];
}

/** Loads the clip that is part of this package. */
export async function loadDemoClip(): Promise<Clip> {
  const folder = new URL('../clip/', import.meta.url);
  const [video, audio] = await Promise.all([readFile(new URL('demo.ivf', folder)), readFile(new URL('demo.ogg', folder))]);
  return readClip(video, audio);
}

/**
 * Makes a clip of VP8 in IVF and opus in Ogg. The picture says how long it is; longer sound is cut.
 * @throws MediaError PLUGIN_FAILED when a file is not what it should be
 */
export function readClip(ivf: Uint8Array, ogg: Uint8Array): Clip {
  const video = videoFrames(ivf);
  const [first, second] = video;
  const last = video.at(-1);
  if (!first?.keyframe || !second || !last || !inOrder(video)) {
    throw new MediaError('PLUGIN_FAILED', 'The video clip needs two frames or more, in order of time, the first of them a keyframe.');
  }
  const durationMs = last.atMs + (second.atMs - first.atMs);
  const audio = audioFrames(ogg).filter((frame) => frame.atMs < durationMs);
  const frames = [...video, ...audio].toSorted((a, b) => a.atMs - b.atMs);
  return { durationMs, frames };
}

function inOrder(frames: readonly ClipFrame[]): boolean {
  return frames.every((frame, at) => frame.atMs > (frames[at - 1]?.atMs ?? -1));
}

function videoFrames(ivf: Uint8Array): ClipFrame[] {
  const { codec, timeBase, frames } = readIvf(ivf);
  if (codec !== 'VP80') throw new MediaError('PLUGIN_FAILED', `The video clip must be VP8 (VP80), but it is "${codec}".`);
  return frames.map(({ data, timestamp }) => {
    const seconds = (timestamp * timeBase.numerator) / timeBase.denominator;
    return {
      kind: 'video',
      data,
      atMs: seconds * 1000,
      timestamp: Math.round(seconds * VP8_CLOCK_RATE),
      keyframe: isVp8Keyframe(data),
    };
  });
}

function audioFrames(ogg: Uint8Array): ClipFrame[] {
  let timestamp = 0;
  return withoutOpusHeaders(readOggPackets(ogg)).map((data) => {
    const frame: ClipFrame = { kind: 'audio', data, atMs: (timestamp * 1000) / OPUS_CLOCK_RATE, timestamp, keyframe: false };
    timestamp += opusDuration(data);
    return frame;
  });
}
