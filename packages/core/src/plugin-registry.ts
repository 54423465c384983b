import { bootOrder } from './boot-order.ts';
import { MediaError } from './errors.ts';
import type { PluginInfo } from './manager-types.ts';
import { checkPlugin } from './plugin-check.ts';
import { type PluginHost, PluginScope } from './plugin-scope.ts';
import type { WebRtcPlugin } from './plugin.ts';

/** The plugins of one manager, the types they register, and the order in which they live. */
export class PluginRegistry {
  readonly #host: PluginHost;
  readonly #scopes = new Map<string, PluginScope>();
  readonly #byType = new Map<string, PluginScope>();
  /** In the order of their setup, also those whose setup has only begun. */
  readonly #booted = new Set<PluginScope>();

  constructor(host: PluginHost) {
    this.#host = host;
  }

  get types(): readonly string[] {
    return [...this.#byType.keys()];
  }

  list(): readonly PluginInfo[] {
    return Array.from(this.#scopes.values(), (scope) => scope.info());
  }

  /** The plugin of this name, set up. */
  named(name: string): PluginScope | undefined {
    return this.#scopes.get(name);
  }

  /** @throws MediaError TYPE_UNKNOWN */
  ofType(type: string): PluginScope {
    const scope = this.#byType.get(type);
    if (scope) return scope;
    const known = this.types.length === 0 ? 'none is registered' : `there are ${this.types.join(', ')}`;
    throw new MediaError('TYPE_UNKNOWN', `No plugin has the negotiation type ${JSON.stringify(type.slice(0, 64))}; ${known}.`);
  }

  /** @throws MediaError PLUGIN_INVALID, PLUGIN_DUPLICATE */
  add(plugin: WebRtcPlugin): PluginScope {
    checkPlugin(plugin);
    this.#refuseDuplicates(plugin);
    const scope = new PluginScope(plugin, this.#host);
    this.#scopes.set(plugin.name, scope);
    for (const type of plugin.types ?? []) this.#byType.set(type, scope);
    return scope;
  }

  /** Takes a plugin's name, types, hooks and contributions away; it is not closed yet. False when it is gone already. */
  remove(scope: PluginScope): boolean {
    if (this.#scopes.get(scope.name) !== scope) return false;
    this.#scopes.delete(scope.name);
    this.#booted.delete(scope);
    for (const type of scope.plugin.types ?? []) this.#byType.delete(type);
    scope.retire();
    return true;
  }

  /**
   * Sets all plugins up, each after those it depends on. When one fails, those before it are closed again.
   * @throws MediaError PLUGIN_DEPENDENCY, PLUGIN_FAILED, PLUGIN_TIMEOUT, or what `signal` was aborted with
   */
  async boot(signal: AbortSignal): Promise<void> {
    const order = bootOrder([...this.#scopes.values()]);
    try {
      for (const scope of order) {
        if (this.#scopes.get(scope.name) !== scope) continue;
        this.#booted.add(scope);
        await scope.setUp(signal);
      }
    } catch (error) {
      for (const failure of await this.closeAll()) {
        this.#host.settings.logger.error({ err: failure, plugin: failure.plugin }, failure.message);
      }
      throw error;
    }
  }

  /** Closes what was set up, last first, and gives what failed. */
  async closeAll(): Promise<readonly MediaError[]> {
    const failures: MediaError[] = [];
    const lastFirst = [...this.#booted].toReversed();
    this.#booted.clear();
    for (const scope of lastFirst) {
      failures.push(...(await scope.close()));
    }
    return failures;
  }

  #refuseDuplicates(plugin: WebRtcPlugin): void {
    const { name, types = [] } = plugin;
    if (this.#scopes.has(name)) {
      throw new MediaError('PLUGIN_DUPLICATE', `A plugin named ${name} is registered already.`, { plugin: name });
    }
    for (const [index, type] of types.entries()) {
      const owner = this.#byType.get(type)?.name ?? (types.indexOf(type) < index ? name : undefined);
      if (owner === undefined) continue;
      throw new MediaError('PLUGIN_DUPLICATE', `Plugin ${name} registers the type '${type}', which ${owner} has already.`, { plugin: name });
    }
  }
}
