import type { Clock, Undo } from './clock.ts';
import type { ExtensionPoint } from './extension-points.ts';
import type { AccessRequest, Awaitable, Hook, HookName, HookNameOf, HookPoints } from './hook-points.ts';
import type { Logger } from './logger.ts';
import type { Contribution, Negotiations, OfferWishes } from './manager-types.ts';
import type { RtcEngine } from './media.ts';
import type { PathSettings } from './path-settings.ts';
import type { SessionGrant, Sessions, WebRtcSession } from './session.ts';
import type { StreamKey } from './stream-key.ts';
import type { StreamRegistry } from './stream.ts';
import type { Tracer } from './tracing.ts';

/** Version of the plugin contract; definePlugin stamps it, the manager checks it. */
export const PLUGIN_API = 1;

/** What a plugin's negotiation needs and offers. */
export interface PluginCapabilities {
  /** The hook that decides before `negotiate` runs. */
  readonly access: 'publish' | 'play' | 'none';
  /** Whether its sessions take trickled candidates. */
  readonly trickle?: boolean | undefined;
  /** Whether its sessions can make the offer (`createOffer`, `acceptAnswer`) instead of an answer. */
  readonly offers?: boolean | undefined;
}

/** What `negotiate` is given: the checked request with its offer. */
export interface PluginRequest extends AccessRequest {
  /** The SDP offer; its form has been checked. Empty when the session makes the offer, which only a plugin with the capability `offers` is asked for. */
  readonly offer: string;
  /** What the client would like to be offered; undefined when it offers itself. */
  readonly wishes?: OfferWishes | undefined;
  /** What the access hooks have granted; kept up to date as long as the session lives. */
  readonly grant: SessionGrant;
  /** Aborted when the client is gone, the deadline has passed or the manager closes. */
  readonly signal: AbortSignal;
}

/** What a plugin may use; of its own manager, never shared between managers. */
export interface PluginContext {
  /** Adds the plugin's name to every line. */
  readonly logger: Logger;
  readonly clock: Clock;
  /** For spans of the plugin's own work; pass on `trace` of the request, or the context of such a span. */
  readonly tracer: Tracer;
  readonly streams: StreamRegistry;
  readonly sessions: Sessions;
  /** For a plugin that lets clients in by itself, as by a WebSocket: the way every session comes, with its hooks and limits. */
  readonly negotiations: Negotiations;
  /** @throws MediaError PLUGIN_FAILED when the manager was made without an engine */
  readonly engine: RtcEngine;
  hook<N extends HookName>(point: N, hook: Hook<N>): Undo;
  /** What the configuration says of this stream in particular. Ask again each time; a reload changes it. */
  pathSettings(key: StreamKey): PathSettings;
  /** Runs a hook point of mode notify, for example `input`. */
  notify<N extends NotifyHookName>(point: N, input: HookPoints[N]['input']): void;
  /** What all plugins offer at `point`, in order of registration. */
  contributions<T>(point: ExtensionPoint<T>): readonly Contribution<T>[];
  /** Offers `value` to the host, for example an HTTP route. A host without the point ignores it. */
  contribute<T>(point: ExtensionPoint<T>, value: T): Undo;
  /** Runs when the plugin is removed or the manager closes; last in, first out. */
  onClose(task: () => Awaitable<void>): void;
}

/** Hook points of mode notify. */
export type NotifyHookName = HookNameOf<'notify'>;

/** Makes a session for a request. */
export type Negotiate = (request: PluginRequest, ctx: PluginContext) => Awaitable<WebRtcSession>;

/** What an author writes. */
export interface PluginDefinition {
  /** npm name of the package, unique per manager. */
  readonly name: string;
  /** Of the package, for people who look at a running server; the server itself fills it in for packages that it loads by name. */
  readonly version?: string | undefined;
  /** Negotiation types it registers; none for a plugin of hooks only. */
  readonly types?: readonly string[] | undefined;
  /** Needed with `types`. */
  readonly capabilities?: PluginCapabilities | undefined;
  /** Names of plugins that must be set up before this one. */
  readonly dependsOn?: readonly string[] | undefined;
  readonly hooks?: { readonly [N in HookName]?: Hook<N> } | undefined;
  /** Once, in order of dependency, under a deadline. */
  setup?(ctx: PluginContext): Awaitable<void>;
  /**
   * Takes new options, of the form that the factory takes, without a restart and without touching live sessions.
   * Must throw when they are wrong (CONFIG_INVALID) and then keep the old ones. A plugin without it needs a restart.
   */
  reconfigure?(options: unknown): Awaitable<void>;
  /** Needed with `types`. */
  negotiate?: Negotiate | undefined;
}

/** A plugin as the manager takes it. */
export interface WebRtcPlugin extends PluginDefinition {
  readonly api: number;
}

/** Makes a plugin from its options; what a plugin package exports by default. */
export type PluginFactory<O> = undefined extends O ? (options?: O) => WebRtcPlugin : (options: O) => WebRtcPlugin;

/** Stamps the contract version on what `build` returns. */
export function definePlugin<O = undefined>(build: (options: O) => PluginDefinition): PluginFactory<O>;
export function definePlugin<O>(build: (options: O) => PluginDefinition): (options: O) => WebRtcPlugin {
  return (options) => ({ ...build(options), api: PLUGIN_API });
}
