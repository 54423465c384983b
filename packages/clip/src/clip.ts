import type { Codec, MediaKind } from '@sluice/core';

/** One frame of picture or packet of sound, and when it is due. */
export interface ClipFrame {
  readonly kind: MediaKind;
  readonly data: Uint8Array;
  /** Milliseconds since the beginning of the clip. */
  readonly atMs: number;
  /** Milliseconds; of picture as long as the frame before when the container does not say. */
  readonly durationMs: number;
}

/** Picture or sound of a clip. */
export interface ClipTrack {
  readonly kind: MediaKind;
  readonly codec: Codec;
}

/** A clip that is read frame by frame, from its beginning to its end and again. */
export interface Clip {
  /** At most one of a kind. */
  readonly tracks: readonly ClipTrack[];
  /**
   * The next frame in order of time, undefined at the end.
   * @throws MediaError SOURCE_FAILED when the clip is damaged; it names the file and the byte
   */
  next(): Promise<ClipFrame | undefined>;
  /** Goes back to the beginning. */
  rewind(): void;
  close(): Promise<void>;
}

/** Picture and sound of two clips as one, in order of time. */
export function mergeClips(clips: readonly Clip[]): Clip {
  const waiting: (ClipFrame | undefined)[] = [];
  let isPrimed = false;
  return {
    tracks: clips.flatMap(({ tracks }) => tracks),
    async next() {
      if (!isPrimed) for (const [index, clip] of clips.entries()) waiting[index] = await clip.next();
      isPrimed = true;
      const index = earliest(waiting);
      const frame = waiting[index];
      if (frame) waiting[index] = await clips[index]?.next();
      return frame;
    },
    rewind() {
      isPrimed = false;
      for (const clip of clips) clip.rewind();
    },
    async close() {
      await Promise.all(clips.map((clip) => clip.close()));
    },
  };
}

function earliest(frames: readonly (ClipFrame | undefined)[]): number {
  const times = frames.map((frame) => frame?.atMs ?? Infinity);
  return times.indexOf(Math.min(...times));
}
