import type { AdminRequest } from './admin-request.ts';
import { jsonField, jsonText } from './json.ts';
import { type Listing, fetchPages } from './pages.ts';
import { isNotFound } from './request-error.ts';

/** A track of a live stream. */
export interface StreamTrack {
  readonly kind: 'audio' | 'video';
  /** `VP8`, `opus`, …; undefined before the first packet. */
  readonly codec?: string | undefined;
  /** Bit/s. */
  readonly bitrate: number;
  /** Pixels. */
  readonly frameWidth?: number | undefined;
  readonly frameHeight?: number | undefined;
  /** Whether pictures come in another order than they are shown. */
  readonly bFrames?: boolean | undefined;
}

/** A row of the list of live streams. */
export interface LiveStream {
  readonly vhost: string;
  readonly app: string;
  readonly stream: string;
  /** Wall clock of the server, milliseconds. */
  readonly liveSince: number;
  readonly readers: number;
  readonly totalReaders: number;
  readonly tracks: readonly StreamTrack[];
}

/** A stream as administrators see it. */
export interface StreamDetail extends LiveStream {
  readonly origin: {
    readonly type: 'push' | 'pull' | 'file' | 'demo';
    readonly url?: string | undefined;
    readonly state: 'connecting' | 'live' | 'retrying' | 'ended';
    readonly lastError?: string | undefined;
    readonly failedAttempts?: number | undefined;
  };
  readonly publisherSessionId?: string | undefined;
  readonly viewerSessionIds: readonly string[];
}

type StreamKey = Pick<LiveStream, 'vhost' | 'app' | 'stream'>;

/** The live streams, or `off` when the server does not tell them. */
export async function fetchStreams(request: AdminRequest): Promise<Listing<LiveStream> | 'off'> {
  try {
    return await fetchPages(request, 'api/v1/streams', isLiveStream);
  } catch (error) {
    if (isNotFound(error)) return 'off';
    throw error;
  }
}

/** One stream in full; undefined when it is not live any more. */
export async function fetchStream(request: AdminRequest, key: StreamKey): Promise<StreamDetail | undefined> {
  try {
    const stream: unknown = await (await request(streamPath(key))).json();
    return isStreamDetail(stream) ? stream : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Closes a stream, with its publisher and viewers. */
export async function closeStream(request: AdminRequest, key: StreamKey): Promise<void> {
  await request(streamPath(key), { method: 'DELETE' });
}

function streamPath({ vhost, app, stream }: StreamKey): string {
  return `api/v1/streams/${[vhost, app, stream].map(encodeURIComponent).join('/')}`;
}

/** Rows come from our own server; this only keeps the page whole should something else answer. */
function isLiveStream(row: unknown): row is LiveStream {
  return jsonText(row, 'app') !== undefined && jsonText(row, 'stream') !== undefined && Array.isArray(jsonField(row, 'tracks'));
}

function isStreamDetail(row: unknown): row is StreamDetail {
  return isLiveStream(row) && typeof jsonField(row, 'origin') === 'object' && Array.isArray(jsonField(row, 'viewerSessionIds'));
}
