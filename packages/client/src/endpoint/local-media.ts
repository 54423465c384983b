import { captureMedia } from './capture.ts';
import { tracksOf } from './media-lines.ts';
import type { Direction, EndpointOptions, TrackLike } from './options.ts';

/** What {@link LocalMedia} tells. */
export interface LocalMediaListener {
  /** The user is being asked. */
  capturing(): void;
  /** There is something to send, or something else. */
  changed(): void;
  /** A captured track ended by itself. */
  ended(track: MediaStreamTrack): void;
}

/** What an endpoint sends: what it was given, or what it captures when it is needed. */
export class LocalMedia {
  readonly #options: Omit<EndpointOptions, 'url'>;
  readonly #listener: LocalMediaListener;
  #media: MediaStream | readonly MediaStreamTrack[] | undefined;
  /** Those that were opened here, and are to be stopped here. */
  #captured = new Set<MediaStreamTrack>();
  #isStopped = false;

  constructor(options: Omit<EndpointOptions, 'url'>, listener: LocalMediaListener) {
    this.#options = options;
    this.#listener = listener;
    this.#media = givenMedia(options.media);
  }

  get media(): MediaStream | readonly MediaStreamTrack[] | undefined {
    return this.#media;
  }

  get stream(): MediaStream | undefined {
    return this.#media && 'getTracks' in this.#media ? this.#media : undefined;
  }

  /**
   * Resolves when there is something to send.
   * @throws EndpointError `capture`
   */
  async prepare(direction: Direction): Promise<void> {
    if (direction === 'play') return;
    if (!this.#isUsable()) await this.#capture();
    else if (this.#captured.size === 0) this.#listener.changed();
  }

  /** @returns the track that has the new one in its place; undefined when none of that kind is sent */
  replace(track: MediaStreamTrack): MediaStreamTrack | undefined {
    const tracks = this.#media && !this.#isStopped ? tracksOf(this.#media) : [];
    const replaced = tracks.find(({ kind }) => kind === track.kind);
    if (!replaced) return undefined;
    const now = tracks.map((other) => (other === replaced ? track : other));
    this.#media = typeof MediaStream === 'function' ? new MediaStream(now) : now;
    if (this.#captured.delete(replaced)) replaced.stop();
    this.#listener.changed();
    return replaced;
  }

  /** Stops what was captured here. */
  stop(): void {
    this.#isStopped = true;
    stopTracks(this.#captured);
  }

  /** A camera that was unplugged is opened again, or another one. */
  #isUsable(): boolean {
    const { audioEnable = true, videoEnable = true } = this.#options;
    if (!this.#media) return !audioEnable && !videoEnable;
    return this.#captured.size === 0 || tracksOf(this.#media).some(({ readyState }) => readyState === 'live');
  }

  async #capture(): Promise<void> {
    this.#listener.capturing();
    const media = await captureMedia(this.#options);
    // Closed while the browser was asking for permission.
    if (this.#isStopped) return stopTracks(media.getTracks());
    this.#media = media;
    this.#captured = new Set(media.getTracks());
    for (const track of media.getTracks()) track.addEventListener('ended', () => this.#listener.ended(track));
    this.#listener.changed();
  }
}

function stopTracks(tracks: Iterable<MediaStreamTrack>): void {
  for (const track of tracks) track.stop();
}

function givenMedia(media: EndpointOptions['media']): MediaStream | readonly MediaStreamTrack[] | undefined {
  return media && 'getTracks' in media ? media : media?.filter(isTrack);
}

/** One of another library has its own type, and suits its own peer connection. */
function isTrack(track: TrackLike): track is MediaStreamTrack {
  return track.kind === 'audio' || track.kind === 'video';
}
