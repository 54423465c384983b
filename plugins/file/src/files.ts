import { type Clip, createClipTracks, openClip, playInLoop } from '@sluice/clip';
import { MediaError, type PluginContext, type Publication, type StreamKey, type StreamOrigin, type Undo } from '@sluice/core';
import { clipPath } from './clip-path.ts';
import type { FileSettings } from './options.ts';

/** All clips that one server plays. */
export class Files {
  readonly #ctx: PluginContext;
  #settings: FileSettings;
  readonly #stops = new Set<(reason: string) => void>();
  #opening = 0;
  #refused = 0;
  #isClosed = false;

  constructor(ctx: PluginContext, settings: FileSettings) {
    this.#ctx = ctx;
    this.#settings = settings;
  }

  /** For clips that begin from here on. */
  reconfigure(settings: FileSettings): void {
    this.#settings = settings;
  }

  /** Clips not played, because there were `maxFiles`. */
  get refused(): number {
    return this.#refused;
  }

  /** Clips that play. */
  get playing(): number {
    return this.#stops.size;
  }

  /** @throws MediaError SOURCE_FAILED, SOURCE_LIMIT */
  async start(stream: StreamKey, file: string): Promise<void> {
    const { maxFiles, folder } = this.#settings;
    if (this.#stops.size + this.#opening >= maxFiles) {
      this.#refused += 1;
      throw new MediaError('SOURCE_LIMIT', `${maxFiles} clips are played already; raise maxFiles of the file plugin.`);
    }
    this.#opening += 1;
    try {
      const clip = await openClip(await clipPath(folder, file), file);
      // Ended, or somebody has begun to publish it while the clip was opened.
      if (this.#isClosed || this.#ctx.streams.find(stream)) await clip.close();
      else await playOrClose(clip, () => this.#play(stream, file, clip));
    } finally {
      this.#opening -= 1;
    }
  }

  close(reason: string): void {
    this.#isClosed = true;
    for (const stop of this.#stops) stop(reason);
  }

  #play(stream: StreamKey, file: string, clip: Clip): void {
    const { streams, clock, engine, logger } = this.#ctx;
    const tracks = createClipTracks(clip, engine, this.#ctx.pathSettings(stream));
    let origin: StreamOrigin = { type: 'file', url: file, state: 'connecting' };
    let stopPlaying: Undo | undefined;
    const stop = (reason: string): void => {
      if (!this.#stops.delete(stop)) return;
      origin = { ...origin, state: 'ended' };
      stopPlaying?.();
      for (const track of tracks.values()) track.end();
      void clip.close();
      publication.end(reason);
    };
    const publication = publishOrEnd(tracks, () => streams.publish(stream, {
      tracks: [...tracks.values()],
      onDemand: true,
      get origin() {
        return origin;
      },
      close: stop,
    }));
    this.#stops.add(stop);
    stopPlaying = playInLoop({
      clip,
      clock,
      tracks,
      onFailed(error) {
        const lastError = error instanceof Error ? error.message : String(error);
        origin = { ...origin, lastError };
        logger.error({ err: error, stream, file }, 'A clip cannot be played on');
        stop(lastError);
      },
    });
    origin = { ...origin, state: 'live' };
    publication.live();
    logger.info({ stream, file }, 'A clip is played');
  }
}

/** @throws what `publish` throws, the tracks ended */
function publishOrEnd(tracks: ReturnType<typeof createClipTracks>, publish: () => Publication): Publication {
  try {
    return publish();
  } catch (error) {
    for (const track of tracks.values()) track.end();
    throw error;
  }
}

/** @throws what `play` throws, the clip closed */
async function playOrClose(clip: Clip, play: () => void): Promise<void> {
  try {
    play();
  } catch (error) {
    await clip.close();
    throw error;
  }
}
