import type { MediaTrack, Stream, TrackStats } from '@sluice/core';
import { Hono } from 'hono';
import { methodNotAllowed, notFound } from './errors/problem.ts';
import type { Host } from './host.ts';

const PATH = '/api/v1/streams';

/**
 * One track of {@link StreamInfo}, in the names and units of webrtc-stats (`jitter` in seconds); bitrates are
 * in bit/s, counters run since the track's start.
 */
export interface TrackInfo extends TrackStats {
  readonly kind: MediaTrack['kind'];
  /** Encoding name; undefined until the first packet says it. */
  readonly codec: string | undefined;
}

/** One live stream, as `GET /api/v1/streams` lists it. */
export interface StreamInfo {
  readonly vhost: string;
  readonly app: string;
  readonly stream: string;
  /** `interrupted` = the publisher has vanished, and viewers are kept for its return. */
  readonly state: Stream['state'];
  /** Wall clock, milliseconds since 1970. */
  readonly liveSince: number | undefined;
  /** Viewers now. */
  readonly readers: number;
  /** Viewers since it went live. */
  readonly totalReaders: number;
  readonly tracks: readonly TrackInfo[];
}

/** `GET /api/v1/streams`; it does not exist unless the host has allowed it. */
export function streamRoutes(host: Host): Hono {
  const app = new Hono();
  app.get(PATH, (c) => (host.streamList ? c.json(host.manager.streams.list().map(streamInfo)) : notFound()));
  app.options(PATH, (c) => c.body(null, 204));
  app.all(PATH, () => methodNotAllowed(['GET', 'HEAD', 'OPTIONS']));
  return app;
}

function streamInfo(stream: Stream): StreamInfo {
  const { vhost, app, stream: name } = stream.key;
  return {
    vhost,
    app,
    stream: name,
    state: stream.state,
    liveSince: stream.liveSince,
    readers: stream.readerCount,
    totalReaders: stream.totalReaderCount,
    tracks: stream.tracks.map(trackInfo),
  };
}

function trackInfo(track: MediaTrack): TrackInfo {
  return { kind: track.kind, codec: track.codec?.name, ...track.stats() };
}
