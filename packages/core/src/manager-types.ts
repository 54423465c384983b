import type { Clock } from './clock.ts';
import type { Credentials, HookName } from './hook-points.ts';
import type { HookStats } from './hook-statistics.ts';
import type { Logger } from './logger.ts';
import type { RemoteAddress, RtcEngine } from './media.ts';
import type { PathResolver } from './path-settings.ts';
import type { NegotiationStats } from './negotiation-statistics.ts';
import type { PluginRequest } from './plugin.ts';
import type { SessionStats } from './session-statistics.ts';
import type { SessionRecord, WebRtcSession } from './session.ts';
import type { Tracer } from './tracing.ts';

/** What a front door says of a client that wants a session. */
export interface SessionRequest {
  readonly app: string;
  readonly stream: string;
  /** {@link DEFAULT_VHOST} when absent. */
  readonly vhost?: string | undefined;
  /** Without `?`. */
  readonly query?: string | undefined;
  /** Parsed from `query` when absent. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly remote?: RemoteAddress | undefined;
  readonly credentials?: Credentials | undefined;
  /** Host of the request's URL, for `url` of {@link AccessRequest}. */
  readonly host?: string | undefined;
  /** What the front door calls this request; stands in log lines. */
  readonly requestId?: string | undefined;
  /** The front door's name. */
  readonly protocol?: string | undefined;
  /** Aborted when the client is gone. */
  readonly signal?: AbortSignal | undefined;
}

/** What a front door hands to `negotiateSdp`. */
export interface NegotiationRequest extends SessionRequest {
  /** The SDP offer as it came. */
  readonly offer: string;
  readonly wishes?: undefined;
}

/** What a client that waits for an offer would like it to hold. */
export interface OfferWishes {
  /** Default true. */
  readonly audio?: boolean | undefined;
  /** Default true. */
  readonly video?: boolean | undefined;
  /** Names of codecs that come first, in this order; others come behind. */
  readonly codecs?: readonly string[] | undefined;
}

/** What a front door hands to `offerSdp`. */
export interface OfferRequest extends SessionRequest {
  readonly offer?: undefined;
  readonly wishes?: OfferWishes | undefined;
}

/** What `negotiateSdp` and `offerSdp` give. */
export interface Negotiated {
  /** The SDP answer, or the offer. */
  readonly sdp: string;
  readonly record: SessionRecord;
}

/** How sessions come and go; a plugin that is a front door of its own uses it as hosts do. */
export interface Negotiations {
  /**
   * Makes a session of the plugin for `type` and gives its SDP answer.
   * @throws MediaError with the plugin at fault; any code of the way, of the hooks, or of the plugin itself
   */
  negotiateSdp(type: string, request: NegotiationRequest): Promise<Negotiated>;
  /**
   * The same with the roles changed: gives the SDP offer of the session, which waits for {@link acceptSdp} until its
   * transport gives the peer up.
   * @throws MediaError as {@link negotiateSdp}, and OFFER_UNSUPPORTED when sessions of this type make no offers
   */
  offerSdp(type: string, request: OfferRequest): Promise<Negotiated>;
  /**
   * Takes the answer to the offer of a session. One that is refused leaves the session as it was.
   * @throws MediaError SESSION_NOT_FOUND, ANSWER_MALFORMED, OFFER_UNSUPPORTED, PLUGIN_FAILED, PLUGIN_TIMEOUT
   */
  acceptSdp(sessionId: string, answer: string): Promise<void>;
  /**
   * Closes one session. It is gone afterwards, also when this rejects.
   * @throws MediaError SESSION_NOT_FOUND, PLUGIN_FAILED, PLUGIN_TIMEOUT
   */
  closeSession(id: string, reason: string): Promise<void>;
}

/**
 * Sees every new session between `negotiate` and its answer or offer.
 * A throw vetoes the session; its MediaError (or FORBIDDEN) goes to the client.
 */
export type SessionListener = (session: WebRtcSession, request: PluginRequest) => void | Promise<void>;

/** Deadlines, in milliseconds. What passes one is named in the error. */
export interface ManagerTimeouts {
  /** A plugin's `setup`. Default 10,000. */
  readonly setupMs: number;
  /** One handler of a hook point. Default 10,000. */
  readonly hookMs: number;
  /** `negotiate`, the listener and `createAnswer` or `createOffer` together; also `acceptAnswer`, the wait for a missing stream not counted. Default 10,000. */
  readonly negotiateMs: number;
  /** Closing one session, or one `onClose` task. Default 3,000. */
  readonly closeMs: number;
}

/** Bounds. */
export interface ManagerLimits {
  /** Bytes of an offer. Default 65,536. */
  readonly maxOfferBytes: number;
  /** Lines of an offer. Default 2,000. */
  readonly maxOfferLines: number;
  /** m-lines of an offer. Default 32. */
  readonly maxMediaSections: number;
  /** Open sessions in all. Default 10,000. */
  readonly maxSessions: number;
  /** Open sessions of one address. Default 1,000. */
  readonly maxSessionsPerAddress: number;
  /** Viewers that wait for missing streams, in all. Default 1,000. */
  readonly maxWaiters: number;
  /** Ended sessions that are kept for questions, in all; the oldest go first. Default 100. */
  readonly maxEndedSessions: number;
  /** How long an ended session is kept, milliseconds. Default 600,000. */
  readonly endedSessionMs: number;
  /** Promises of one notify handler that have not settled; more calls are dropped and counted. Default 1,000. */
  readonly maxPendingNotifications: number;
}

/** What a manager has counted since it was made. */
export interface ManagerCounters {
  /** Sessions that got their answer or made their offer. */
  readonly sessionsOpened: number;
  /** Requests refused because of a session limit. */
  readonly sessionsRefused: number;
  /** Viewers refused because too many were waiting. */
  readonly waitersRefused: number;
  /** Viewers refused because their stream had too many. */
  readonly readersRefused: number;
  /** Notifications dropped because their handler was too slow. */
  readonly notificationsDropped: number;
}

/** Where a manager is in its life. */
export type ManagerPhase = 'starting' | 'ready' | 'draining' | 'closed';

/** What a manager has measured since it was made. */
export interface ManagerStatistics {
  readonly sessions: SessionStats;
  readonly negotiations: NegotiationStats;
  /** One entry per hook point and owner that was ever called. */
  readonly hooks: readonly HookStats[];
}

/** A registered plugin. */
export interface PluginInfo {
  readonly name: string;
  /** Of its package; undefined when nobody has said it. */
  readonly version: string | undefined;
  /** Negotiation types it registers. */
  readonly types: readonly string[];
  /** Whether it takes other options while it runs (`manager.reconfigurePlugin`). */
  readonly reconfigurable: boolean;
  /** Hook points at which it is asked or told. */
  readonly hooks: readonly HookName[];
  readonly dependsOn: readonly string[];
  /** How long its `setup` took, milliseconds; undefined before its end. */
  readonly setUpMs: number | undefined;
}

/** Rules of streams. */
export interface StreamOptions {
  /** How long a viewer waits for a missing stream, milliseconds; 0 refuses at once. Default 15,000. */
  readonly maxStreamWaitMs: number;
  /** Idle time after the last viewer left until `none-reader` is asked, milliseconds. Default 20,000. */
  readonly noneReaderDelayMs: number;
  /**
   * When a publisher may take over the stream of one with the same identity, whose viewers then stay: `silent` = once
   * that one has fallen silent, `always` = at any time, `never`. Default `silent`.
   */
  readonly takeover: TakeoverRule;
  /** For how long the stream of a publisher that has vanished is kept for its return, with its viewers, milliseconds. Default 0. */
  readonly publisherGraceMs: number;
}

/** See {@link StreamOptions.takeover}. */
export type TakeoverRule = 'never' | 'silent' | 'always';

/** What a manager is made from; everything has a default. */
export interface ManagerOptions {
  readonly engine?: RtcEngine | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** Records how requests are handled. Default: nothing is recorded, and the context of requests is passed on. */
  readonly tracer?: Tracer | undefined;
  readonly timeouts?: Partial<ManagerTimeouts> | undefined;
  readonly limits?: Partial<ManagerLimits> | undefined;
  readonly streams?: Partial<StreamOptions> | undefined;
  /** What differs from stream to stream; `pathResolver` makes it from patterns. */
  readonly paths?: PathResolver | undefined;
}

/** Contributions of plugins to one extension point, with their owner. */
export interface Contribution<T> {
  readonly plugin: string;
  readonly value: T;
}

