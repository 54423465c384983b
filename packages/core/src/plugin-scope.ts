import type { Undo } from './clock.ts';
import type { Contributions } from './contributions.ts';
import { withDeadline } from './deadline.ts';
import { MediaError } from './errors.ts';
import type { ExtensionPoint } from './extension-points.ts';
import { blame, wordsOf } from './failures.ts';
import { checkedHook, type HookBus } from './hook-bus.ts';
import { type Awaitable, type Hook, type HookHandler, type HookName, HOOK_NAMES } from './hook-points.ts';
import type { Logger } from './logger.ts';
import type { ManagerSettings } from './manager-options.ts';
import type { Negotiations, PluginInfo } from './manager-types.ts';
import type { PluginContext, WebRtcPlugin } from './plugin.ts';
import type { Sessions } from './session.ts';
import type { StreamRegistry } from './stream.ts';

/** What all plugins of one manager share. */
export interface PluginHost {
  readonly settings: ManagerSettings;
  readonly hooks: HookBus;
  readonly contributions: Contributions;
  readonly streams: StreamRegistry;
  readonly sessions: Sessions;
  readonly negotiations: Negotiations;
}

/** One registered plugin: its context, and everything that must be taken back when it goes. */
export class PluginScope {
  readonly plugin: WebRtcPlugin;
  readonly context: PluginContext;
  readonly #host: PluginHost;
  readonly #logger: Logger;
  readonly #undos = new Set<Undo>();
  readonly #closeTasks: (() => Awaitable<void>)[] = [];
  #setUp = false;
  #setUpMs: number | undefined;
  #closed = false;

  constructor(plugin: WebRtcPlugin, host: PluginHost) {
    this.plugin = plugin;
    this.#host = host;
    this.#logger = host.settings.logger.child({ plugin: plugin.name });
    this.context = this.#makeContext();
    for (const point of HOOK_NAMES) this.#addDefined(point, plugin.hooks ?? {});
  }

  get name(): string {
    return this.plugin.name;
  }

  get dependsOn(): readonly string[] {
    return this.plugin.dependsOn ?? [];
  }

  info(): PluginInfo {
    const { name, version, types = [] } = this.plugin;
    return {
      name,
      version,
      types: [...types],
      hooks: this.#host.hooks.pointsOf(name),
      dependsOn: [...this.dependsOn],
      reconfigurable: this.plugin.reconfigure !== undefined,
      setUpMs: this.#setUpMs,
    };
  }

  /** @throws MediaError PLUGIN_FAILED, PLUGIN_TIMEOUT, or what `signal` was aborted with */
  async setUp(signal: AbortSignal): Promise<void> {
    const { clock, timeouts } = this.#host.settings;
    const expired = (): MediaError =>
      new MediaError('PLUGIN_TIMEOUT', `Plugin ${this.name} did not finish its setup within ${timeouts.setupMs} ms.`, { plugin: this.name });
    const startedAt = clock.monotonic();
    try {
      await withDeadline(clock, { ms: timeouts.setupMs, expired, signal }, () => this.plugin.setup?.(this.context));
      this.#setUp = true;
      this.#setUpMs = clock.monotonic() - startedAt;
    } catch (error) {
      if (signal.aborted) throw error;
      throw blame(error, this.name, 'PLUGIN_FAILED', `Plugin ${this.name} failed in its setup: ${wordsOf(error)}`);
    }
  }

  /** @throws MediaError CONFIG_INVALID or another code of the plugin, PLUGIN_FAILED, PLUGIN_TIMEOUT; the plugin has its old options then */
  async reconfigure(options: unknown): Promise<void> {
    const { clock, timeouts } = this.#host.settings;
    const expired = (): MediaError =>
      new MediaError('PLUGIN_TIMEOUT', `Plugin ${this.name} did not take its new options within ${timeouts.setupMs} ms.`, { plugin: this.name });
    try {
      await withDeadline(clock, { ms: timeouts.setupMs, expired }, () => this.plugin.reconfigure?.(options));
    } catch (error) {
      throw blame(error, this.name, 'PLUGIN_FAILED', `Plugin ${this.name} did not take its new options: ${wordsOf(error)}`);
    }
  }

  /** Takes back hooks and contributions; from here on the context registers nothing. */
  retire(): void {
    this.#closed = true;
    for (const undo of this.#undos) undo();
  }

  /** Retires it and runs its `onClose` tasks, last in first out, each under its deadline; gives what failed. */
  async close(): Promise<readonly MediaError[]> {
    this.retire();
    const failures: MediaError[] = [];
    for (const task of this.#closeTasks.splice(0).toReversed()) {
      // One after the other: a task may need what an earlier one made.
      const failure = await this.#runCloseTask(task);
      if (failure) failures.push(failure);
    }
    return failures;
  }

  async #runCloseTask(task: () => Awaitable<void>): Promise<MediaError | undefined> {
    const { clock, timeouts } = this.#host.settings;
    const expired = (): MediaError =>
      new MediaError('PLUGIN_TIMEOUT', `Plugin ${this.name} did not close within ${timeouts.closeMs} ms.`, { plugin: this.name });
    try {
      await withDeadline(clock, { ms: timeouts.closeMs, expired }, task);
      return undefined;
    } catch (error) {
      return blame(error, this.name, 'PLUGIN_FAILED', `Plugin ${this.name} failed to close: ${wordsOf(error)}`);
    }
  }

  /** A hook of the definition has its place in the order at once, but is not called before setup has finished. */
  #addDefined<N extends HookName>(point: N, hooks: { readonly [P in N]?: Hook<P> }): void {
    const hook = hooks[point];
    if (!hook) return;
    const { handler, ...rest } = checkedHook(this.name, point, hook);
    const gated: HookHandler<N> = (input, signal) => (this.#setUp ? handler(input, signal) : undefined);
    this.#keep(() => this.#host.hooks.add(this.name, point, { ...rest, handler: gated }));
  }

  #makeContext(): PluginContext {
    const { settings, streams, sessions, negotiations, hooks, contributions } = this.#host;
    const { clock, engine, tracer } = settings;
    const { name } = this.plugin;
    return {
      logger: this.#logger,
      clock,
      tracer,
      streams,
      sessions,
      negotiations,
      get engine() {
        if (engine) return engine;
        const message = `Plugin ${name} needs a media engine; make the manager with the option engine.`;
        throw new MediaError('PLUGIN_FAILED', message, { plugin: name });
      },
      hook: (point, hook) => this.#keep(() => hooks.add(name, point, hook)),
      notify: (point, input) => hooks.notify(point, input),
      pathSettings: (key) => settings.pathSettings(key),
      contributions: <T>(point: ExtensionPoint<T>) => contributions.list(point),
      contribute: <T>(point: ExtensionPoint<T>, value: T) => this.#keep(() => contributions.add(name, point, value)),
      onClose: (task) => this.#addCloseTask(task),
    };
  }

  #keep(register: () => Undo): Undo {
    if (this.#closed) return () => undefined;
    const takeBack = register();
    const undo = (): void => {
      this.#undos.delete(undo);
      takeBack();
    };
    this.#undos.add(undo);
    return undo;
  }

  #addCloseTask(task: () => Awaitable<void>): void {
    if (this.#closed) void this.#closeLate(task);
    else this.#closeTasks.push(task);
  }

  /** A setup that was given up goes on by itself; what it opens afterwards must be closed all the same. */
  async #closeLate(task: () => Awaitable<void>): Promise<void> {
    const failure = await this.#runCloseTask(task);
    if (failure) this.#logger.error({ err: failure }, failure.message);
  }
}
