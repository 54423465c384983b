import { MediaError } from '@sluice/core';
import { type LoadConfigOptions, type LoadedConfig, checkAlone, lastToSay, loadConfig } from '../load-config.ts';
import type { ServerConfig } from '../schema/server-config.ts';
import { keyText } from '../settings/explain.ts';
import { type Tree, isTree, patchTree } from '../settings/tree.ts';
import { writeState } from '../source/state-file.ts';

/** Puts a configuration into effect, or throws and leaves the one before. */
export type ApplyConfig<T> = (next: ServerConfig) => Promise<T>;

/** The configuration of a server that runs: where it comes from, and the changes that were made since. One change at a time. */
export class ConfigStore {
  readonly #options: LoadConfigOptions;
  #loaded: LoadedConfig;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: LoadConfigOptions, loaded: LoadedConfig) {
    this.#options = options;
    this.#loaded = loaded;
  }

  /** @throws MediaError CONFIG_INVALID */
  static async open(options: LoadConfigOptions): Promise<ConfigStore> {
    return new ConfigStore(options, await loadConfig(options));
  }

  /** What counts now. */
  get loaded(): LoadedConfig {
    return this.#loaded;
  }

  /**
   * Reads all sources again. What is wrong, or not applied, changes nothing.
   * @throws MediaError CONFIG_INVALID, and what `apply` throws
   */
  reload<T>(apply: ApplyConfig<T>): Promise<T> {
    return this.#afterTheLast(async () => {
      // Without a state file the changes are kept here only.
      const changes = this.#loaded.stateFile === undefined ? this.#changes : undefined;
      const loaded = await loadConfig({ ...this.#options, changes });
      return this.#accept(loaded, apply);
    });
  }

  /**
   * Changes some settings by a JSON merge patch (RFC 7396), and keeps the change in the state file when there is one.
   * @throws MediaError CONFIG_INVALID, and what `apply` throws; nothing has changed then
   */
  change<T>(patch: unknown, apply: ApplyConfig<T>): Promise<T> {
    return this.#afterTheLast(async () => {
      if (!isTree(patch)) throw new MediaError('CONFIG_INVALID', 'A change of the configuration must be an object of settings (RFC 7396).');
      // Said of the change, because the state file has none of it yet.
      checkAlone(patchTree({}, patch), 'The change');
      const before = this.#changes;
      const changes = patchTree(before, patch);
      const loaded = await loadConfig({ ...this.#options, changes });
      refuseOverridden(loaded, patch);
      return this.#persist({ file: loaded.stateFile, before, changes }, () => this.#accept(loaded, apply));
    });
  }

  get #changes(): Tree {
    const state = this.#loaded.sources.find(({ kind }) => kind === 'state')?.value;
    return isTree(state) ? state : {};
  }

  async #accept<T>(loaded: LoadedConfig, apply: ApplyConfig<T>): Promise<T> {
    const result = await apply(loaded.config);
    this.#loaded = loaded;
    return result;
  }

  /** Kept before it counts, so that nothing counts which a restart would lose. */
  async #persist<T>({ file, before, changes }: { file: string | undefined; before: Tree; changes: Tree }, apply: () => Promise<T>): Promise<T> {
    if (file === undefined) return apply();
    await writeState(file, changes);
    try {
      return await apply();
    } catch (error) {
      await writeState(file, before);
      throw error;
    }
  }

  async #afterTheLast<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** A change that something stronger overrules would look as if it had been made. */
function refuseOverridden({ sources }: LoadedConfig, patch: Tree): void {
  for (const path of leavesOf(patch)) {
    const source = lastToSay(sources, path);
    if (source === undefined || source.kind === 'state' || source.kind === 'file') continue;
    throw new MediaError('CONFIG_INVALID', `"${keyText(path)}" is set by ${source.placeOf(path).where}, which counts more; change it there.`);
  }
}

function leavesOf(tree: Tree, path: readonly string[] = []): readonly (readonly string[])[] {
  return Object.entries(tree).flatMap(([key, value]) => (isTree(value) ? leavesOf(value, [...path, key]) : [[...path, key]]));
}
