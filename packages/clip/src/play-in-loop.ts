import { type Clock, type LocalTrack, type MediaKind, MediaError, type PathSettings, type RtcEngine, type Undo } from '@sluice/core';
import type { Clip, ClipFrame } from './clip.ts';
import { packetize } from './codecs/video-codec.ts';

/** Leaves room for the RTP header, its extensions and the SRTP tag in a datagram of 1,200 bytes. */
const MAX_PAYLOAD_BYTES = 1_140;

/** Later than this, the clip is put off instead of sent in a burst. */
const MAX_LAG_MS = 250;

/** RTP timestamps wrap at 32 bits (RFC 3550 section 5.1). */
const TIMESTAMP_RANGE = 2 ** 32;

/** What {@link playInLoop} takes. */
export interface LoopOptions {
  readonly clip: Clip;
  readonly clock: Clock;
  /** Where frames of a kind go; those of others are left out. */
  readonly tracks: ReadonlyMap<MediaKind, LocalTrack>;
  /** The clip turned out to be damaged; nothing more is played. */
  onFailed(error: unknown): void;
}

/** Tracks that a clip is played into, one for each of its own. */
export function createClipTracks(
  clip: Clip,
  engine: Pick<RtcEngine, 'createTrack'>,
  { keyframeCacheBytes }: Pick<PathSettings, 'keyframeCacheBytes'> = {},
): Map<MediaKind, LocalTrack> {
  return new Map(clip.tracks.map(({ kind, codec }) => [kind, engine.createTrack({ kind, codec, keyframeCacheBytes })]));
}

/**
 * Plays a clip into tracks, again and again, until the returned function is called. Timestamps run on over loops and follow
 * the clock: when the process was held up, they leap by as much, and no frame is left out. At most one frame is read ahead.
 */
export function playInLoop(options: LoopOptions): Undo {
  const loop = new ClipLoop(options);
  void loop.run();
  return () => loop.stop();
}

class ClipLoop {
  readonly #options: LoopOptions;
  readonly #startedAt: number;
  /** Where this pass over the clip begins, milliseconds since the start. */
  #passStartMs = 0;
  /** End of the latest frame of this pass, milliseconds since its beginning. */
  #passEndMs = 0;
  #pictureId = 0;
  #isStopped = false;
  #wake: Undo | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
  }

  async run(): Promise<void> {
    try {
      while (!this.#isStopped) await this.#step();
    } catch (error) {
      if (!this.#isStopped) this.#options.onFailed(error);
      this.#isStopped = true;
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake?.();
  }

  async #step(): Promise<void> {
    const frame = await this.#options.clip.next();
    if (!frame) return this.#startOver();
    const earlyMs = this.#dueMs(frame) - this.#elapsedMs();
    if (earlyMs > 0) await this.#waitFor(earlyMs);
    if (this.#isStopped) return;
    const lagMs = this.#elapsedMs() - this.#dueMs(frame);
    if (lagMs > MAX_LAG_MS) this.#passStartMs += lagMs;
    this.#passEndMs = Math.max(this.#passEndMs, frame.atMs + frame.durationMs);
    this.#write(frame);
  }

  #startOver(): void {
    if (this.#passEndMs === 0) throw new MediaError('SOURCE_FAILED', 'The clip has no frame that takes any time.');
    this.#passStartMs += this.#passEndMs;
    this.#passEndMs = 0;
    this.#options.clip.rewind();
  }

  #elapsedMs(): number {
    return this.#options.clock.monotonic() - this.#startedAt;
  }

  #dueMs(frame: ClipFrame): number {
    return this.#passStartMs + frame.atMs;
  }

  #waitFor(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancelTimer = this.#options.clock.setTimeout(resolve, delayMs);
      this.#wake = () => {
        cancelTimer();
        resolve();
      };
    });
  }

  #write(frame: ClipFrame): void {
    const track = this.#options.tracks.get(frame.kind);
    if (!track?.codec) return;
    const { name, clockRate } = track.codec;
    const timestamp = Math.round((this.#dueMs(frame) * clockRate) / 1000) % TIMESTAMP_RANGE;
    // One opus packet per payload, no header of its own (RFC 7587 section 4.2).
    if (frame.kind === 'audio') return track.write({ payload: frame.data, timestamp, marker: false });
    const payloads = packetize(name, frame.data, this.#pictureId, MAX_PAYLOAD_BYTES);
    if (!payloads) throw new MediaError('SOURCE_FAILED', `The clip has a frame that is no ${name}.`);
    payloads.forEach((payload, index) => track.write({ payload, timestamp, marker: index === payloads.length - 1 }));
    this.#pictureId += 1;
  }
}
