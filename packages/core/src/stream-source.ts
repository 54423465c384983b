import { MediaError } from './errors.ts';
import { type ExtensionPoint, extensionPoint } from './extension-points.ts';
import type { Awaitable } from './hook-points.ts';
import type { StreamKey } from './stream-key.ts';

const PLACEHOLDER = /\{(vhost|app|stream)\}/g;

/** A stream of another server, played from its WHEP endpoint. */
export interface WhepSource {
  /** `http:` or `https:` URL of the endpoint. */
  readonly whep: string;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string | undefined;
}

/** A clip that is played in a loop. */
export interface FileSource {
  /** Path of the clip, in the folder that the server keeps clips in. */
  readonly file: string;
}

/** Where the media of a stream can be had that nobody publishes. */
export type StreamSource = WhepSource | FileSource;

/** What a plugin contributes that can start sources of some kind. */
export interface StreamSourceStarter {
  /** Whether it knows this kind of source. */
  accepts(source: StreamSource): boolean;
  /**
   * Publishes the stream from this source, with `onDemand`. Resolves when the start is under way; a rejection ends
   * the wait of all viewers, and so does a publication that ends before it was live.
   */
  start(stream: StreamKey, source: StreamSource, signal: AbortSignal): Awaitable<void>;
}

/** Those who start a {@link StreamSource}; the first that accepts it does. */
export const streamSourceStarters: ExtensionPoint<StreamSourceStarter> = extensionPoint('stream-source-starters');

/** `connecting` = for the first time, `retrying` = waits for its next attempt or makes it. */
export type StreamOriginState = 'connecting' | 'live' | 'retrying' | 'ended';

/** Where a stream comes from. */
export interface StreamOrigin {
  readonly type: 'push' | 'pull' | 'file' | 'demo';
  /** Of a pull the URL without query and credentials, of a file its path. */
  readonly url?: string | undefined;
  readonly state: StreamOriginState;
  /** Why the last attempt failed, in one sentence; kept until the next that succeeds. */
  readonly lastError?: string | undefined;
  /** Attempts that failed since it was live last. */
  readonly failedAttempts?: number | undefined;
}

/** What {@link StreamProxies.add} takes. */
export interface StreamProxyRequest {
  readonly stream: StreamKey;
  readonly source: WhepSource;
  /** Failed attempts in a row before it is given up; endless when absent. */
  readonly maxRetries?: number | undefined;
}

/** A stream that is pulled from another server, whoever asked for it. */
export interface StreamProxy {
  /** `vhost/app/stream`. */
  readonly id: string;
  readonly stream: StreamKey;
  readonly origin: StreamOrigin;
  /** Started for viewers, and ended when none is left. */
  readonly onDemand: boolean;
  /** Wall clock, milliseconds. */
  readonly createdAt: number;
}

/** What a plugin contributes that pulls streams of other servers. */
export interface StreamProxies {
  /**
   * Pulls a stream, viewers or not, until it is removed or given up. Resolves when its media is there.
   * @throws MediaError STREAM_BUSY, SOURCE_LIMIT, SOURCE_FAILED when the first attempt fails, after which it is forgotten
   */
  add(request: StreamProxyRequest): Promise<StreamProxy>;
  /** @returns false when there is none of this id */
  remove(id: string, reason?: string): boolean;
  list(): readonly StreamProxy[];
}

/** Those who pull streams of other servers, for management APIs. */
export const streamProxies: ExtensionPoint<StreamProxies> = extensionPoint('stream-proxies');

/**
 * Reads what a configuration file or the answer of an URL gives as source: `{ whep, token? }` or `{ file }`.
 * @throws MediaError ARGUMENT_INVALID
 */
export function parseStreamSource(value: unknown): StreamSource {
  if (typeof value !== 'object' || value === null) throw malformed('an object');
  const { whep, file, token }: { whep?: unknown; file?: unknown; token?: unknown } = value;
  if ((whep === undefined) === (file === undefined)) throw malformed('one of "whep" and "file"');
  if (file !== undefined) {
    if (typeof file !== 'string' || file === '') throw malformed('the path of a clip as "file"');
    return { file };
  }
  if (typeof whep !== 'string' || !isPlainHttpUrl(whep)) throw malformed('an http or https URL without user name and password as "whep"');
  if (hasNameInHost(whep)) throw malformed('names of the stream only in the path and query of "whep", because viewers choose them');
  if (token !== undefined && typeof token !== 'string') throw malformed('a text as "token"');
  return token === undefined ? { whep } : { whep, token };
}

/** With user name and password no request can be made of it, and errors would show them. */
function isPlainHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

/** Whoever asks for a stream would choose which server is asked, and gets the token. */
function hasNameInHost(text: string): boolean {
  const name = 'name-of-stream';
  return URL.parse(text.replaceAll(PLACEHOLDER, name))?.host.includes(name) ?? true;
}

/** The source with `{vhost}`, `{app}` and `{stream}` replaced by the names of the stream, in an URL encoded. */
export function sourceOfStream(source: StreamSource, { vhost, app, stream }: StreamKey): StreamSource {
  const names: Readonly<Record<string, string>> = { '{vhost}': vhost, '{app}': app, '{stream}': stream };
  const fill = (text: string, encode: (name: string) => string): string => text.replace(PLACEHOLDER, (placeholder) => encode(names[placeholder] ?? placeholder));
  if ('file' in source) return { file: fill(source.file, String) };
  return { ...source, whep: fill(source.whep, encodeURIComponent) };
}

function malformed(expected: string): MediaError {
  return new MediaError('ARGUMENT_INVALID', `A source must have ${expected}: {"whep": URL, "token": text} or {"file": path}.`);
}
