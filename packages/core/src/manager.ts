import type { Undo } from './clock.ts';
import { Contributions } from './contributions.ts';
import { withDeadline } from './deadline.ts';
import { Drain } from './drain.ts';
import { MediaError } from './errors.ts';
import type { ExtensionPoint } from './extension-points.ts';
import { HOST, HookBus } from './hook-bus.ts';
import type { Hook, HookName, HookPoints } from './hook-points.ts';
import { type LiveOptions, ManagerSettings } from './manager-options.ts';
import type {
  Contribution,
  ManagerCounters,
  ManagerOptions,
  ManagerPhase,
  ManagerStatistics,
  Negotiated,
  NegotiationRequest,
  Negotiations,
  OfferRequest,
  PluginInfo,
  SessionListener,
} from './manager-types.ts';
import { Negotiator } from './negotiator.ts';
import type { PathSettings } from './path-settings.ts';
import { PluginRegistry } from './plugin-registry.ts';
import type { PluginScope } from './plugin-scope.ts';
import { type Negotiate, type NotifyHookName, PLUGIN_API, type PluginCapabilities, type WebRtcPlugin } from './plugin.ts';
import { SessionSet } from './session-set.ts';
import type { SessionGrant, Sessions } from './session.ts';
import type { StreamKey } from './stream-key.ts';
import { ManagedStreams } from './stream-registry.ts';
import { streamSourceStarters } from './stream-source.ts';
import type { StreamRegistry } from './stream.ts';

/** Why sessions and streams end when the manager closes. */
const CLOSING = 'server closing';

/**
 * Holds plugins, hooks, sessions and streams together. Several managers live in one process
 * without knowing of each other. Life: register, {@link ready}, {@link negotiateSdp}, {@link close}.
 */
export class WebRtcPluginManager implements Negotiations, AsyncDisposable {
  readonly #settings: ManagerSettings;
  readonly #hooks: HookBus;
  readonly #streams: ManagedStreams;
  readonly #sessions: SessionSet;
  readonly #contributions = new Contributions();
  readonly #plugins: PluginRegistry;
  readonly #negotiator: Negotiator;
  readonly #drain: Drain;
  readonly #removals = new Set<Promise<void>>();
  /** Aborted when the manager closes. */
  readonly #life = new AbortController();
  #booting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #isReady = false;

  /** @throws MediaError CONFIG_INVALID when a number is out of range */
  constructor(options: ManagerOptions = {}) {
    const settings = new ManagerSettings(options);
    this.#settings = settings;
    this.#hooks = new HookBus(settings);
    const grants = new Map<string, SessionGrant>();
    const maxReadersOf = (sessionId: string): number | undefined => grants.get(sessionId)?.maxReaders;
    this.#streams = new ManagedStreams({
      settings,
      hooks: this.#hooks,
      maxReadersOf,
      sourceStarters: () => this.#contributions.list(streamSourceStarters),
    });
    this.#sessions = new SessionSet({
      settings,
      events: {
        onOpened: (session) => this.#hooks.notify('session-opened', session),
        onState: (change) => this.#hooks.notify('session-state', change),
        onEnded: (summary) => {
          grants.delete(summary.sessionId);
          this.#drain.check();
          this.#hooks.notify('session-closed', summary);
        },
      },
    });
    this.#plugins = new PluginRegistry({
      settings,
      hooks: this.#hooks,
      contributions: this.#contributions,
      streams: this.#streams,
      sessions: this.#sessions,
      negotiations: this,
    });
    this.#negotiator = new Negotiator({ settings, hooks: this.#hooks, sessions: this.#sessions, grants, onFinished: () => this.#drain.check() });
    this.#drain = new Drain(() => this.#sessions.size + this.#negotiator.underWay);
  }

  get streams(): StreamRegistry {
    return this.#streams;
  }

  get sessions(): Sessions {
    return this.#sessions;
  }

  /** Negotiation types that are registered. */
  get types(): readonly string[] {
    return this.#plugins.types;
  }

  get plugins(): readonly PluginInfo[] {
    return this.#plugins.list();
  }

  get counters(): ManagerCounters {
    return {
      sessionsOpened: this.#sessions.opened,
      sessionsRefused: this.#sessions.refused,
      waitersRefused: this.#streams.waitersRefused,
      readersRefused: this.#streams.readersRefused,
      notificationsDropped: this.#hooks.dropped,
    };
  }

  get statistics(): ManagerStatistics {
    return { sessions: this.#sessions.statistics.stats, negotiations: this.#negotiator.statistics.stats, hooks: this.#hooks.statistics };
  }

  get phase(): ManagerPhase {
    if (this.#life.signal.aborted) return 'closed';
    if (this.#drain.isDraining) return 'draining';
    return this.#isReady ? 'ready' : 'starting';
  }

  /**
   * Registers a plugin, before {@link ready}. The returned function takes it out at any time: its types, hooks and
   * contributions go at once, then its sessions are closed and its `onClose` tasks run.
   * @throws MediaError PLUGIN_INVALID, PLUGIN_DUPLICATE, MANAGER_FROZEN, MANAGER_CLOSED
   */
  registerPlugin(plugin: WebRtcPlugin): Undo;
  /** Registers one negotiation type as the plugin `inline:<type>`; without `capabilities` no access hook is asked. */
  registerPlugin(type: string, negotiate: Negotiate, capabilities?: PluginCapabilities): Undo;
  registerPlugin(pluginOrType: WebRtcPlugin | string, negotiate?: Negotiate, capabilities?: PluginCapabilities): Undo {
    this.#refuseIfClosed();
    if (this.#booting) throw new MediaError('MANAGER_FROZEN', 'Plugins must be registered before ready() is called.');
    const plugin = typeof pluginOrType === 'string' ? inlinePlugin(pluginOrType, negotiate, capabilities) : pluginOrType;
    const scope = this.#plugins.add(plugin);
    return () => this.#unregister(scope);
  }

  /** Sees every new session before its answer and may veto it by throwing. One slot: the next call replaces it. */
  setListener(listener: SessionListener | undefined): Undo {
    return this.#negotiator.setListener(listener);
  }

  /** Adds a hook of the host itself, at any time. Errors name its owner `host`. */
  hook<N extends HookName>(point: N, hook: Hook<N>): Undo {
    return this.#hooks.add(HOST, point, hook);
  }

  /** Whether anybody is asked at this point; without a hook, `publish` and `play` are open to everybody. */
  hasHook(point: HookName): boolean {
    return this.#hooks.has(point);
  }

  /** Runs a hook point of mode notify, without waiting for its hooks. */
  notify<N extends NotifyHookName>(point: N, input: HookPoints[N]['input']): void {
    this.#hooks.notify(point, input);
  }

  /** What plugins offer at `point`, in order of registration. */
  contributions<T>(point: ExtensionPoint<T>): readonly Contribution<T>[] {
    return this.#contributions.list(point);
  }

  /** What the configuration says of this stream in particular; see {@link ManagerOptions.paths}. */
  pathSettings(key: StreamKey): PathSettings {
    return this.#settings.pathSettings(key);
  }

  /**
   * Takes other limits, deadlines and rules of streams, each group as a whole; absent ones stay as they are.
   * Live sessions go on: a smaller limit refuses who comes, a timer that runs keeps its time.
   * @throws MediaError CONFIG_INVALID when a number is out of range; nothing has changed then
   */
  reconfigure(options: LiveOptions): void {
    this.#settings.change(options);
  }

  /**
   * Gives a plugin other options while it runs. When it rejects, the plugin has its old ones.
   * @returns false when it cannot take them without a restart (it has no `reconfigure`), or there is no such plugin
   * @throws MediaError CONFIG_INVALID, PLUGIN_FAILED, PLUGIN_TIMEOUT, MANAGER_CLOSED
   */
  async reconfigurePlugin(name: string, options: unknown): Promise<boolean> {
    this.#refuseIfClosed();
    const scope = this.#plugins.named(name);
    if (scope?.plugin.reconfigure === undefined) return false;
    await scope.reconfigure(options);
    return true;
  }

  /**
   * Sets the plugins up, each after those it depends on. When one fails, those before it are closed again
   * and every later call rejects the same way. At its end the `server-started` hooks are told.
   * @throws MediaError PLUGIN_DEPENDENCY, PLUGIN_FAILED, PLUGIN_TIMEOUT, MANAGER_CLOSED
   */
  ready(): Promise<void> {
    this.#booting ??= this.#boot();
    return this.#booting;
  }

  async negotiateSdp(type: string, request: NegotiationRequest): Promise<Negotiated> {
    return this.#negotiate(type, request);
  }

  async offerSdp(type: string, request: OfferRequest): Promise<Negotiated> {
    return this.#negotiate(type, request);
  }

  acceptSdp(sessionId: string, answer: string): Promise<void> {
    return this.#negotiator.accept(sessionId, answer);
  }

  closeSession(id: string, reason: string): Promise<void> {
    return this.#sessions.close(id, reason);
  }

  /**
   * Takes no new session from now on (MANAGER_DRAINING) and leaves those that are open alone; a drain is not taken back.
   * Resolves when the last one has ended, also when {@link close} ends them.
   */
  drain(): Promise<void> {
    return this.#drain.begin();
  }

  /**
   * Refuses new work, ends waiting viewers, closes sessions and streams, then plugins in reverse. Idempotent.
   * Nothing that hangs holds it up longer than its deadline.
   * @throws AggregateError of what failed; its message names the plugins
   */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #negotiate(type: string, request: NegotiationRequest | OfferRequest): Promise<Negotiated> {
    this.#refuseIfClosed();
    if (!this.#isReady) throw new MediaError('MANAGER_NOT_READY', 'The server is not ready yet; try again in a moment.');
    this.#drain.refuseIfDraining();
    return this.#negotiator.negotiate(this.#plugins.ofType(type), type, request);
  }

  async #boot(): Promise<void> {
    this.#refuseIfClosed();
    await this.#plugins.boot(this.#life.signal);
    this.#refuseIfClosed();
    this.#isReady = true;
    this.#sayWhatIsOpen();
    this.#hooks.notify('server-started', { startedAt: this.#settings.clock.now() });
  }

  #sayWhatIsOpen(): void {
    for (const point of ['publish', 'play'] as const) {
      if (!this.#hooks.has(point)) this.#settings.logger.info(`No ${point} hook is registered, so everybody may ${point}`);
    }
  }

  async #shutDown(): Promise<void> {
    const closed = new MediaError('MANAGER_CLOSED', 'The server is closing.');
    this.#life.abort(closed);
    this.#negotiator.abort(closed);
    this.#streams.closeWaiting(closed);
    await this.#booting?.catch(() => undefined);
    const failures = [...(await this.#sessions.closeAll(CLOSING, 'shutdown'))];
    await this.#negotiator.settled();
    this.#streams.close(closed, CLOSING);
    if (this.#isReady) this.#hooks.notify('server-exited', { exitedAt: this.#settings.clock.now() });
    await this.#tellTheLast();
    await Promise.all(this.#removals);
    failures.push(...(await this.#plugins.closeAll()));
    if (failures.length > 0) throw closeFailure(failures);
  }

  /** Hooks are told what has ended before their plugins go, as far as they are quick enough. */
  async #tellTheLast(): Promise<void> {
    const { clock, timeouts, logger } = this.#settings;
    try {
      await withDeadline(clock, { ms: timeouts.closeMs, expired: lateNotifications }, () => this.#hooks.settled());
    } catch (error) {
      logger.warn({ err: error }, 'Not all hooks have heard what ended');
    }
  }

  #unregister(scope: PluginScope): void {
    if (!this.#plugins.remove(scope)) return;
    const removal = this.#closeRemoved(scope).finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  async #closeRemoved(scope: PluginScope): Promise<void> {
    const reason = `plugin ${scope.name} was removed`;
    const error = new MediaError('SESSION_CLOSED', `The session was ended: ${reason}.`, { plugin: scope.name });
    this.#negotiator.abort(error, (plugin) => plugin === scope);
    const failures = await this.#sessions.closeAll(reason, 'operator', (record) => record.plugin === scope.name);
    for (const failure of [...failures, ...(await scope.close())]) {
      this.#settings.logger.error({ err: failure, plugin: scope.name }, 'Removed plugin failed to close');
    }
  }

  #refuseIfClosed(): void {
    if (this.#life.signal.aborted) throw new MediaError('MANAGER_CLOSED', 'The server is closing.');
  }
}

function inlinePlugin(type: string, negotiate?: Negotiate, capabilities: PluginCapabilities = { access: 'none' }): WebRtcPlugin {
  return { api: PLUGIN_API, name: `inline:${type}`, types: [type], negotiate, capabilities };
}

function lateNotifications(): MediaError {
  return new MediaError('HOOK_TIMEOUT', 'Notification hooks had not finished when the server closed.');
}

function closeFailure(failures: readonly unknown[]): AggregateError {
  const owners = failures.map((failure) => (MediaError.is(failure) ? (failure.plugin ?? HOST) : HOST));
  return new AggregateError(failures, `Closing failed ${failures.length} times, in ${[...new Set(owners)].join(', ')}.`);
}
