import { jsonField, jsonText } from './json.ts';
import { requestErrorOf } from './request-error.ts';
import { streamListUrl } from './urls.ts';

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

/** Longer than this, and the server counts as away. */
const TIMEOUT_MS = 5_000;

/**
 * The live streams, or `off` when the server does not tell them.
 * @throws RequestError when it refuses, TypeError or a TimeoutError when it does not answer
 */
export async function fetchStreams(page: string): Promise<readonly LiveStream[] | 'off'> {
  const response = await fetch(streamListUrl(page), { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.status === 404) return 'off';
  if (!response.ok) throw await requestErrorOf(response);
  const rows: unknown = await response.json();
  return Array.isArray(rows) ? rows.filter(isLiveStream) : [];
}

/** Rows come from our own server; this only keeps the page whole should something else answer. */
function isLiveStream(row: unknown): row is LiveStream {
  return jsonText(row, 'app') !== undefined && jsonText(row, 'stream') !== undefined && Array.isArray(jsonField(row, 'tracks'));
}
