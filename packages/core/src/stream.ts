import type { Undo } from './clock.ts';
import type { AccessRequest } from './hook-points.ts';
import type { DataMessage, MediaTrack } from './media.ts';
import type { StreamKey } from './stream-key.ts';
import type { StreamOrigin } from './stream-source.ts';

/**
 * `reserved` = a publisher is connecting, `live` = viewers are served, `interrupted` = the publisher is gone and
 * viewers are kept for it or its successor, `ended` is final.
 */
export type StreamState = 'reserved' | 'live' | 'interrupted' | 'ended';

/** Who feeds a stream. */
export interface PublicationSource {
  /** Known at the latest when the publication goes live. */
  readonly tracks: readonly MediaTrack[];
  /** Session of the publisher; undefined for a source inside this process. */
  readonly sessionId?: string | undefined;
  /** Query string of the publisher's request. */
  readonly query?: string | undefined;
  /** Who publishes (see `publisherIdentity`). The same one may take its stream over; undefined = nobody may. */
  readonly identity?: string | undefined;
  /** Whether nothing has been heard of the publisher for a while. */
  readonly silent?: boolean | undefined;
  /** Where the media comes from; a push when absent. */
  readonly origin?: StreamOrigin | undefined;
  /** Started for viewers: ended when none of them waits any more, or when nobody watches and no hook says `keep`. Default false. */
  readonly onDemand?: boolean | undefined;
  /** Labels of the publisher's open data channels; undefined = not known. */
  readonly channels?: readonly string[] | undefined;
  /** Takes a viewer's message for the publisher. */
  deliver?(message: DataMessage, channel: string): void;
  /** Ends the source, for example when nobody watches. */
  close(reason: string): void;
}

/** The publisher's hold on its stream. */
export interface Publication {
  readonly stream: Stream;
  /** Serves those who wait, or takes over from the publisher before. The first call counts. */
  live(): void;
  /** Gives a publisher's message to every viewer. */
  broadcast(message: DataMessage, channel: string): void;
  /** Ends the stream; every reader is told at once. The first call counts. Nothing happens once another publisher has taken over. */
  end(reason: string): void;
  /**
   * The same for a publisher that has vanished: the stream is kept with its readers, by default for the time of `publisherGraceMs`.
   * Who publishes it again with the same identity in that time takes it over.
   */
  lost(reason: string, graceMs?: number): void;
}

/** A viewer of a stream. */
export interface Reader {
  readonly sessionId: string;
  /** The publisher's message. */
  onMessage?(message: DataMessage, channel: string): void;
  /** Another publisher has taken the stream over; these are its tracks. */
  onTracks?(tracks: readonly MediaTrack[]): void;
  /** The stream has ended; called at most once. */
  onEnded(reason: string): void;
}

/** A stream that somebody publishes. */
export interface Stream {
  readonly key: StreamKey;
  readonly state: StreamState;
  readonly tracks: readonly MediaTrack[];
  /** Wall clock, milliseconds, of going live; undefined before. */
  readonly liveSince: number | undefined;
  readonly readerCount: number;
  /** Readers since it went live. */
  readonly totalReaderCount: number;
  /** Query string of the publisher's request, which may hold a secret; empty for a source inside this process. */
  readonly query: string;
  /** Session of the publisher; undefined for a source inside this process. */
  readonly publisherSessionId: string | undefined;
  readonly origin: StreamOrigin;
  /** Labels of the publisher's open data channels, on which {@link deliver} can reach it; undefined = not known. */
  readonly channels: readonly string[] | undefined;
  /**
   * Adds a viewer; the returned function takes it out again.
   * @throws MediaError STREAM_ENDED; STREAM_FULL when the access hooks granted this viewer's session no place
   */
  addReader(reader: Reader): Undo;
  /** Gives a viewer's message to the publisher. */
  deliver(message: DataMessage, channel: string): void;
  /** Ends it from outside. */
  close(reason: string): void;
}

/** All streams of one manager. */
export interface StreamRegistry {
  /**
   * Reserves the name. Of two that race, the second is refused, unless it may take the stream over
   * (`takeover` of the options); then viewers stay, and get its tracks once it is live.
   * @throws MediaError STREAM_BUSY
   */
  publish(key: StreamKey, source: PublicationSource): Publication;
  /** A live stream, or one that is interrupted. */
  find(key: StreamKey): Stream | undefined;
  /** Live and interrupted streams. */
  list(): readonly Stream[];
  /**
   * The live stream, after the `stream-not-found` hook and the wait when it is missing.
   * @throws MediaError STREAM_NOT_FOUND, REQUEST_ABORTED
   */
  waitFor(request: AccessRequest, signal: AbortSignal): Promise<Stream>;
}
