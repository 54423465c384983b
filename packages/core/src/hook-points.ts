import type { RemoteAddress, TransportState } from './media.ts';
import type { StreamKey } from './stream-key.ts';
import type { TraceContext } from './tracing.ts';
import type { StreamSource } from './stream-source.ts';

/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/** Who asks, as far as the request says it. */
export interface Credentials {
  /** Token of `Authorization: Bearer`, or the password of Basic. */
  readonly token?: string | undefined;
  /** User name of `Authorization: Basic`. */
  readonly username?: string | undefined;
}

/** What the access hooks decide on. */
export interface AccessRequest extends StreamKey {
  /** Negotiation type, for example `push`. */
  readonly type: string;
  /** Id of the session that will exist if the answer is yes. */
  readonly sessionId: string;
  /** The front door: `zlm`, `whip`, `whep`, or a dialect's name. */
  readonly protocol: string;
  /** The query string as it came, without `?`. */
  readonly query: string;
  /** The query string, parsed; of a repeated name the first value. */
  readonly params: Readonly<Record<string, string>>;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly remote: RemoteAddress;
  readonly credentials: Credentials;
  /** `rtc://host/app/stream?params` */
  readonly url: string;
  /** What the front door calls the request. */
  readonly requestId?: string | undefined;
  /** Where the request stands in its trace; whoever asks others on its behalf passes it on. */
  readonly trace?: TraceContext | undefined;
  /** True when the session exists already and its access is asked for again, as {@link Verdict} `renew` wants it. */
  readonly renewal?: boolean | undefined;
}

/** Answer of a `publish` or `play` hook. Make it with {@link allow} and {@link deny}. */
export type Verdict =
  | {
      readonly allow: true;
      /** The session is closed this many milliseconds after the verdict. */
      readonly lifetimeMs?: number | undefined;
      /**
       * At the end of `lifetimeMs` the access hooks are asked again instead, at most once a second. Media goes on
       * meanwhile; a refusal closes the session with its reason, and so does a hook that fails or misses its deadline.
       */
      readonly renew?: boolean | undefined;
      /** A viewer is refused when the stream has so many already. Of a publisher: any viewer of its stream is. */
      readonly maxReaders?: number | undefined;
      /** Whether messages of this viewer reach the publisher and the `input` hooks; undefined = as far as others allow it, else yes. */
      readonly control?: boolean | undefined;
      /**
       * Who it is, whatever credentials it brings next time: a publisher takes over a stream of its own identity. It must
       * come from a proof, not from what anybody can say. Of several words on it the last one counts.
       */
      readonly identity?: string | undefined;
      /** Another stream name to use instead of the one asked for. */
      readonly stream?: string | undefined;
    }
  | {
      readonly allow: false;
      /** Said to the client in these words. */
      readonly reason: string;
      /** 401 asks for (other) credentials, 403 does not. Default 403. */
      readonly status?: 401 | 403 | undefined;
    };

/** Lets a request pass; later hooks may still refuse it. */
export function allow(options: Omit<Extract<Verdict, { allow: true }>, 'allow'> = {}): Verdict {
  return { allow: true, ...options };
}

/** Refuses a request; the client reads `reason`. */
export function deny(reason: string, status?: 401 | 403): Verdict {
  return { allow: false, reason, status };
}

/** Starts media for a stream that nobody publishes; it publishes through the registry by itself. */
export interface StreamStarter {
  /** Resolves when the start is under way; a rejection ends the wait of all viewers. */
  start(stream: StreamKey, signal: AbortSignal): Awaitable<void>;
}

/** Where to take the media from; a plugin that knows this kind of source starts it. */
export interface NotFoundSource {
  readonly source: StreamSource;
}

/** Answer of a `stream-not-found` hook. */
export type NotFoundAnswer = 'wait' | 'reject' | NotFoundSource | StreamStarter;

/** Who a session is; said at its beginning and at its end. */
export interface SessionIdentity {
  readonly sessionId: string;
  readonly type: string;
  readonly plugin: string;
  readonly role: 'publisher' | 'viewer' | 'other';
  readonly stream: StreamKey | undefined;
  readonly protocol: string;
  readonly query: string;
  readonly remote: RemoteAddress;
}

/** Another state of the peer of a session; its end is told as {@link SessionSummary}. */
export interface SessionStateChange extends SessionIdentity {
  /** `connected` also when a silent peer is heard again. */
  readonly state: Extract<TransportState, 'connected' | 'disconnected'>;
}

/** What a session was, said once when it has ended. */
export interface SessionSummary extends SessionIdentity {
  readonly reason: string;
  readonly durationMs: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

/**
 * The hook points. The mode says how several answers become one:
 * `veto` = the first refusal ends it, `first` = the first answer ends it,
 * `notify` = nobody waits for it.
 */
export interface HookPoints {
  publish: { mode: 'veto'; input: AccessRequest; output: Verdict };
  play: { mode: 'veto'; input: AccessRequest; output: Verdict };
  'stream-not-found': { mode: 'first'; input: AccessRequest; output: NotFoundAnswer };
  'none-reader': { mode: 'first'; input: { readonly stream: StreamKey; readonly idleMs: number; readonly query: string }; output: 'keep' | 'close' };
  'stream-changed': { mode: 'notify'; input: { readonly stream: StreamKey; readonly live: boolean }; output: void };
  /** A session has got its answer or made its offer; its peer is not connected yet. */
  'session-opened': { mode: 'notify'; input: SessionIdentity; output: void };
  'session-state': { mode: 'notify'; input: SessionStateChange; output: void };
  'session-closed': { mode: 'notify'; input: SessionSummary; output: void };
  'server-started': { mode: 'notify'; input: { readonly startedAt: number }; output: void };
  /** Everything else has been told; only of a server that had started. */
  'server-exited': { mode: 'notify'; input: { readonly exitedAt: number }; output: void };
  /** A viewer's message to a stream, as it came over its data channel. */
  input: { mode: 'notify'; input: { readonly stream: StreamKey; readonly sessionId: string; readonly channel: string; readonly message: string | Uint8Array }; output: void };
}

/** Name of a hook point. */
export type HookName = keyof HookPoints;

/** All hook points, for code that must know them at run time. */
export const HOOK_NAMES = [
  'publish',
  'play',
  'stream-not-found',
  'none-reader',
  'stream-changed',
  'session-opened',
  'session-state',
  'session-closed',
  'server-started',
  'server-exited',
  'input',
] as const satisfies readonly HookName[];

/** Hook points of one mode. */
export type HookNameOf<M extends HookPoints[HookName]['mode']> = {
  [N in HookName]: HookPoints[N]['mode'] extends M ? N : never;
}[HookName];

/**
 * Called at a hook point; no answer (undefined) leaves the decision to others. A throw or a missed deadline refuses.
 * TypeScript widens the answer of an async function that knows one word only: write `return 'wait' as const`.
 */
export type HookHandler<N extends HookName> = (
  input: HookPoints[N]['input'],
  signal: AbortSignal,
) => Awaitable<HookPoints[N]['output'] | undefined | void>;

/**
 * When a hook runs among those of its point, first to last; within one stage as registered. `address` decides by where a
 * request comes from, `credentials` by what it brings, `url` asks services elsewhere, `normal` is code.
 */
export const HOOK_ORDERS = ['pre', 'address', 'credentials', 'url', 'normal', 'post'] as const;

/** One of {@link HOOK_ORDERS}; a hook that names none is `normal`. */
export type HookOrder = (typeof HOOK_ORDERS)[number];

/** A handler, or a handler with its order. */
export type Hook<N extends HookName> =
  | HookHandler<N>
  | {
      readonly order: HookOrder;
      readonly handler: HookHandler<N>;
      /** Its own deadline, milliseconds, instead of `timeouts.hookMs`: for a handler that bounds itself and must not be cut short. */
      readonly deadlineMs?: number | undefined;
    };
