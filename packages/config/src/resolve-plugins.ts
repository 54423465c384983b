import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MediaError, type WebRtcPlugin } from '@sluice/core';
import { resolve } from 'import-meta-resolve';
import { withPackageVersion } from './package-version.ts';
import { type PluginEntry, isPlugin } from './schema/plugins.ts';

/**
 * Loads plugins, in their order. Names are package names as written, paths start with `.` or `/`;
 * nothing is guessed.
 * @param folder that names and paths are resolved from
 * @throws MediaError PLUGIN_LOAD naming the entry that could not be loaded
 */
export async function resolvePlugins(entries: readonly PluginEntry[], folder: string): Promise<WebRtcPlugin[]> {
  return Promise.all(entries.map((entry) => resolvePlugin(entry, folder)));
}

async function resolvePlugin(entry: PluginEntry, folder: string): Promise<WebRtcPlugin> {
  if (isPlugin(entry)) return entry;
  const { package: name, options } = typeof entry === 'string' ? { package: entry } : entry;
  try {
    const module = locate(name, folder);
    const plugin = makePlugin(await import(module), options);
    if (isPlugin(plugin)) return withPackageVersion(plugin, module, module);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MediaError('PLUGIN_LOAD', `The plugin "${name}" could not be loaded from ${folder}: ${reason}`, { plugin: name, cause: error });
  }
  throw new MediaError('PLUGIN_LOAD', `The default export of "${name}" is not a plugin factory; make it with definePlugin.`, { plugin: name });
}

function makePlugin(module: object, options: unknown): unknown {
  const factory: unknown = 'default' in module ? module.default : undefined;
  return typeof factory === 'function' ? factory(options) : undefined;
}

/** URL of the file to import. */
function locate(name: string, folder: string): string {
  const from = path.join(folder, 'sluice.config');
  if (!name.startsWith('.') && !path.isAbsolute(name)) return resolve(name, pathToFileURL(from).href);
  const target = path.resolve(folder, name);
  return isFolder(target) ? locatePackage(target) : pathToFileURL(target).href;
}

/** A package refers to itself by its own name, which gives its main export without installing it. */
function locatePackage(folder: string): string {
  const manifest = path.join(folder, 'package.json');
  const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  if (typeof content !== 'object' || content === null || !('name' in content) || typeof content.name !== 'string') {
    throw new Error(`${manifest} has no name`);
  }
  return resolve(content.name, pathToFileURL(manifest).href);
}

function isFolder(target: string): boolean {
  return statSync(target, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
