import { MediaError, type WebSocketLimitOptions, type WebSocketLimits, checkWholeNumbers, givenLimits } from '@sluice/core';
import { type HistoryGroupOptions, type HistorySettings, completeHistoryOptions } from './history/history-options.ts';

/** What a host of WebSockets takes when nothing is said. */
const DEFAULT_MAX_MESSAGE_BYTES = 65_536;

/** Around an entry in a message of the history. */
const HISTORY_MESSAGE_BYTES = 2_048;

/** Options of the logs plugin. */
export interface LogsOptions extends WebSocketLimitOptions {
  /** Default true. */
  readonly enabled?: boolean | undefined;
  /** Where producers and consumers connect. Default `/signaling`. */
  readonly path?: string | undefined;
  /** What they must bring. Default: nothing, so that whoever reaches the server may read the logs. */
  readonly token?: string | undefined;
  /** Origins whose pages may connect. Default: all. */
  readonly origins?: readonly string[] | undefined;
  /** One that has not registered by then is closed, milliseconds. Default 30,000. */
  readonly registerTimeoutMs?: number | undefined;
  /** The one who has an id must answer a ping within this time, or a new one gets the id, milliseconds. Default 2,000. */
  readonly probeTimeoutMs?: number | undefined;
  /** Producers in one room; further ones are refused. Times maxMetadataBytes it must fit into maxQueuedBytes. Default 500. */
  readonly maxProducers?: number | undefined;
  /** Bytes of the metadata of one client, as JSON. Default 1,024. */
  readonly maxMetadataBytes?: number | undefined;
  /** Producers that one consumer may name in its subscriptions. Default 256. */
  readonly maxSubscriptions?: number | undefined;
  /** Times in a second that one client may ask for the list of producers or change its subscriptions. Default 20. */
  readonly maxRoomRequestsPerSecond?: number | undefined;
  /** What the server itself keeps of the logs. */
  readonly history?: HistoryGroupOptions | undefined;
}

/** Options with every default filled in; limits of the socket that are not given are the host's. */
export interface LogsSettings {
  readonly enabled: boolean;
  readonly path: string;
  readonly token: string | undefined;
  readonly origins: readonly string[] | undefined;
  readonly registerTimeoutMs: number;
  readonly probeTimeoutMs: number;
  readonly maxProducers: number;
  readonly maxMetadataBytes: number;
  readonly maxSubscriptions: number;
  readonly maxRoomRequestsPerSecond: number;
  readonly history: HistorySettings;
  readonly limits: Partial<WebSocketLimits> & Pick<WebSocketLimits, 'maxMessageBytes'>;
}

/** @throws MediaError CONFIG_INVALID when a number is out of range */
export function completeOptions({ history: historyOptions = {}, ...options }: LogsOptions = {}): LogsSettings {
  checkWholeNumbers('logs', options);
  checkWholeNumbers('logs', historyOptions, { group: 'history.' });
  const { enabled = true, path = '/signaling', token, origins, registerTimeoutMs = 30_000, probeTimeoutMs = 2_000, maxProducers = 500, maxMetadataBytes = 1_024, maxSubscriptions = 256, maxRoomRequestsPerSecond = 20, ...given } = options;
  if (!path.startsWith('/')) throw new MediaError('CONFIG_INVALID', `path of the logs plugin must start with '/', unlike ${path}.`);
  const limits = { maxMessageBytes: DEFAULT_MAX_MESSAGE_BYTES, ...givenLimits(given) };
  const history = completeHistoryOptions(historyOptions);
  refuseLongEntries(history, limits.maxMessageBytes);
  return { enabled, path, token, origins, registerTimeoutMs, probeTimeoutMs, maxProducers, maxMetadataBytes, maxSubscriptions, maxRoomRequestsPerSecond, history, limits };
}

/** An entry that is kept must reach those who ask for it. */
function refuseLongEntries({ enabled, maxEntryBytes }: HistorySettings, maxMessageBytes: number): void {
  if (!enabled || maxEntryBytes + HISTORY_MESSAGE_BYTES <= maxMessageBytes) return;
  throw new MediaError('CONFIG_INVALID', `history.maxEntryBytes of the logs plugin must be at least ${HISTORY_MESSAGE_BYTES} less than maxMessageBytes (${maxMessageBytes}), not ${maxEntryBytes}.`);
}
