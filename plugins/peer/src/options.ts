import { DEFAULT_VHOST, MediaError, type StreamKey, type WebSocketLimitOptions, type WebSocketLimits, checkWholeNumbers, givenLimits } from '@sluice/core';

/** Options of the peer plugin. */
export interface PeerOptions extends WebSocketLimitOptions {
  /** Default true. */
  readonly enabled?: boolean | undefined;
  /** Where clients connect. Default `/ws`. */
  readonly path?: string | undefined;
  /** `app/stream` or `vhost/app/stream` for clients that name none. Default: they must name one. */
  readonly defaultStream?: string | undefined;
  /** Origins whose pages may connect. Default: all. */
  readonly origins?: readonly string[] | undefined;
  /** What clients are told to ping at, milliseconds; one that says nothing for three times as long is closed. Default 30,000. */
  readonly heartbeatIntervalMs?: number | undefined;
  /** How long the session of a client whose connection broke is kept for its return, milliseconds; 0 = not at all. Default 10,000. */
  readonly graceMs?: number | undefined;
  /** Clients that are kept so, in all; more are let go at once. Default 1,000. */
  readonly maxKept?: number | undefined;
  /** The client that has an id must answer a ping within this time, or a new one gets the id, milliseconds. Default 2,000. */
  readonly probeTimeoutMs?: number | undefined;
}

/** Options with every default filled in; limits that are not given are the host's. */
export interface PeerSettings {
  readonly enabled: boolean;
  readonly path: string;
  readonly defaultStream: StreamKey | undefined;
  readonly origins: readonly string[] | undefined;
  readonly heartbeatIntervalMs: number;
  readonly graceMs: number;
  readonly maxKept: number;
  readonly probeTimeoutMs: number;
  readonly limits: Partial<WebSocketLimits> & Pick<WebSocketLimits, 'maxMessageBytes'>;
}

/** Some mice report 1,000 times a second, but no page sees more than a few moves a frame. */
const MAX_MESSAGES_PER_SECOND = 500;
/** What the dialect itself bounds a message to. */
const MAX_MESSAGE_BYTES = 65_536;

/** @throws MediaError CONFIG_INVALID */
export function completeOptions(options: PeerOptions = {}): PeerSettings {
  checkWholeNumbers('peer', options, { leasts: { graceMs: 0, maxKept: 0 } });
  const { enabled = true, path = '/ws', defaultStream, origins, ...numbers } = options;
  const { heartbeatIntervalMs = 30_000, graceMs = 10_000, maxKept = 1_000, probeTimeoutMs = 2_000, ...given } = numbers;
  if (!path.startsWith('/')) throw new MediaError('CONFIG_INVALID', `path of the peer plugin must start with "/", not ${JSON.stringify(path)}.`);
  return {
    enabled,
    path,
    defaultStream: defaultStream === undefined ? undefined : streamKeyOf(defaultStream),
    origins,
    heartbeatIntervalMs,
    graceMs,
    maxKept,
    probeTimeoutMs,
    limits: { maxMessagesPerSecond: MAX_MESSAGES_PER_SECOND, maxMessageBytes: MAX_MESSAGE_BYTES, ...givenLimits(given) },
  };
}

function streamKeyOf(text: string): StreamKey {
  const [stream = '', app = '', vhost = DEFAULT_VHOST, ...rest] = text.split('/').toReversed();
  if (stream !== '' && app !== '' && vhost !== '' && rest.length === 0) return { vhost, app, stream };
  throw new MediaError('CONFIG_INVALID', `defaultStream of the peer plugin must be app/stream or vhost/app/stream, not ${JSON.stringify(text)}.`);
}
