import { type Backoff, completeBackoff } from '../time/backoff.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { endpointOf } from '../whip-whep/post-offer.ts';
import type { ClassicEndpointOptions, DataChannelOptions, Dialect, Direction, EndpointOptions, EndpointReconnectOptions } from './options.ts';
import type { PeerConnectionConstructor } from '../peer-connection/peer-connection-like.ts';

/** Options with every default filled in. */
export interface Settings {
  readonly url: URL;
  readonly dialect: Dialect;
  readonly direction: Direction;
  readonly dataChannel: DataChannelOptions | undefined;
  readonly reconnect: Reconnect | undefined;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly iceRestartAfterMs: number;
  readonly interruptedTimeoutMs: number;
  readonly statsIntervalMs: number;
  readonly PeerConnection: (new (configuration: RTCConfiguration) => RTCPeerConnection) | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly random: () => number;
  /** What has no default. */
  readonly options: Omit<EndpointOptions, 'url'>;
}

/** {@link EndpointReconnectOptions} with every default filled in. */
export type Reconnect = Backoff & Required<{ [K in keyof EndpointReconnectOptions]: NonNullable<EndpointReconnectOptions[K]> }>;

/** Label that existing pages give their data channel. */
const CLASSIC_CHANNEL = 'chat';

/** @throws SignallingError when the URL is none; RangeError when a number is out of range */
export function settingsOf(options: EndpointOptions | ClassicEndpointOptions): Settings {
  const url = endpointOf('url' in options ? options.url : options.zlmsdpUrl);
  return {
    url,
    dialect: options.dialect ?? (/\/webrtc\/?$/.test(url.pathname) ? 'zlm' : 'whip'),
    direction: options.recvOnly === true ? 'play' : (options.direction ?? directionOf(url)),
    dataChannel: dataChannelOf(options),
    reconnect: reconnectOf(options.reconnect),
    timeoutMs: milliseconds('timeoutMs', options.timeoutMs ?? 30_000),
    connectTimeoutMs: milliseconds('connectTimeoutMs', options.connectTimeoutMs ?? 15_000),
    iceRestartAfterMs: milliseconds('iceRestartAfterMs', options.iceRestartAfterMs ?? 1_000),
    interruptedTimeoutMs: milliseconds('interruptedTimeoutMs', options.interruptedTimeoutMs ?? 8_000),
    statsIntervalMs: milliseconds('statsIntervalMs', options.statsIntervalMs ?? 1_000),
    PeerConnection: peerConnectionOf(options),
    fetch: options.fetch ?? globalThis.fetch,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    options,
  };
}

function directionOf({ pathname, searchParams }: URL): Direction {
  const type = searchParams.get('type') ?? /\/(whip|whep)(?:\/|$)/.exec(pathname)?.[1] ?? 'push';
  if (type === 'play' || type === 'whep') return 'play';
  return type === 'push' || type === 'whip' ? 'publish' : 'both';
}

function dataChannelOf({ dataChannel, usedatachannel }: Pick<EndpointOptions, 'dataChannel' | 'usedatachannel'>): DataChannelOptions | undefined {
  if (typeof dataChannel === 'string') return { label: dataChannel };
  return dataChannel ?? (usedatachannel === true ? { label: CLASSIC_CHANNEL } : undefined);
}

function reconnectOf(options: EndpointReconnectOptions | false = {}): Reconnect | undefined {
  if (options === false) return undefined;
  const { maxAttempts = Infinity, stableMs = 10_000, initially = true, whenEnded = true } = options;
  return { ...completeBackoff(options), maxAttempts, stableMs, initially, whenEnded };
}

function milliseconds(name: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw new RangeError(`${name} must be a number of milliseconds above 0, not ${value}.`);
}

function peerConnectionOf({ peerConnection }: Pick<EndpointOptions, 'peerConnection'>): Settings['PeerConnection'] {
  if (peerConnection && isPeerConnection(peerConnection)) return peerConnection;
  return typeof RTCPeerConnection === 'function' ? RTCPeerConnection : undefined;
}

/** One of another library has the methods of the browser's that are used here, and types of its own. */
function isPeerConnection(constructor: PeerConnectionConstructor): constructor is typeof RTCPeerConnection {
  return 'createOffer' in Object(constructor.prototype);
}
