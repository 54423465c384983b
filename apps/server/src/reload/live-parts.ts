import { isDeepStrictEqual } from 'node:util';
import type { PluginEntry, ServerConfig } from '@sluice/config';
import { type Logger, type WebRtcPluginManager, pathResolver } from '@sluice/core';
import { isAdjustable } from '../log-level.ts';
import { type LoadedPlugins, pluginSections } from '../plugins.ts';
import { type LivePart, inGroups } from './live-part.ts';

/** Whether and where plugins listen, and whether they keep a history, is settled at the start. */
const NEEDS_RESTART = ['peer.enabled', 'peer.path', 'relay.enabled', 'relay.port', 'relay.host', 'logs.enabled', 'logs.path', 'logs.history.enabled'];

/** What a server consists of that can be changed. */
export interface ServerParts {
  readonly started: ServerConfig;
  readonly manager: WebRtcPluginManager;
  readonly logger: Logger;
  readonly plugins: LoadedPlugins;
  /** That plugins are resolved from. */
  readonly folder: string;
  /** Serves HTTP by other settings from the next request on. */
  readonly serveHttp: (config: ServerConfig) => void;
}

/** All that takes settings while the server runs; what is in none of them needs a restart. */
export function liveParts(server: ServerParts): readonly LivePart[] {
  return [...sectionParts(server), pluginListPart(server), httpPart(server), managerPart(server), logPart(server), stateFilePart];
}

function sectionParts({ manager, folder }: ServerParts): readonly LivePart[] {
  return Object.entries(pluginSections).map(([group, { plugin, optionsOf }]) => ({
    has: (key) => inGroups(group)(key) && !NEEDS_RESTART.includes(key),
    take: (next) => manager.reconfigurePlugin(plugin, optionsOf(next, folder)),
  }));
}

/** Other options for plugins that are there already; another plugin needs a restart. */
function pluginListPart({ manager, plugins, started }: ServerParts): LivePart {
  let entries = started.plugins;
  const take = async (next: ServerConfig): Promise<boolean> => {
    const isSameList = next.plugins.length === entries.length && next.plugins.every((entry, index) => packageOf(entry) === packageOf(entries[index]));
    const changed = next.plugins.flatMap((entry, index) => (isDeepStrictEqual(optionsIn(entry), optionsIn(entries[index])) ? [] : [{ name: plugins.configured[index]?.name ?? '', options: optionsIn(entry), before: optionsIn(entries[index]) }]));
    const canAll = changed.every(({ name }) => manager.plugins.some((plugin) => plugin.name === name && plugin.reconfigurable));
    if (!isSameList || !canAll) return false;
    await giveOptions(manager, changed);
    entries = next.plugins;
    return true;
  };
  return { has: inGroups('plugins'), take };
}

interface PluginChange {
  readonly name: string;
  readonly options: unknown;
  readonly before: unknown;
}

/** All of them or, when one refuses, none. */
async function giveOptions(manager: WebRtcPluginManager, [change, ...others]: readonly PluginChange[]): Promise<void> {
  if (!change) return;
  await manager.reconfigurePlugin(change.name, change.options);
  try {
    await giveOptions(manager, others);
  } catch (error) {
    await manager.reconfigurePlugin(change.name, change.before);
    throw error;
  }
}

function httpPart({ serveHttp }: ServerParts): LivePart {
  return {
    // Where and how it listens is settled; the files of a certificate are read again by themselves.
    has: (key) => key.startsWith('http.') && !key.startsWith('http.tls') && !['http.host', 'http.port', 'http.maxLoopLagMs'].includes(key),
    take(next) {
      serveHttp(next);
      return true;
    },
  };
}

function managerPart({ manager }: ServerParts): LivePart {
  return {
    has: inGroups('limits', 'timeouts', 'streams', 'paths'),
    take({ limits, timeouts, streams, paths }) {
      manager.reconfigure({ limits, timeouts, streams, paths: pathResolver(paths) });
      return true;
    },
  };
}

function logPart({ logger }: ServerParts): LivePart {
  return {
    has: inGroups('log.level'),
    take({ log }) {
      // A host's own logger is the host's.
      if (!isAdjustable(logger)) return false;
      logger.setLevel(log.level);
      return true;
    },
  };
}

/** It counts for the next change. */
const stateFilePart: LivePart = { has: inGroups('stateFile'), take: () => true };

function packageOf(entry: PluginEntry | undefined): unknown {
  if (typeof entry !== 'object') return entry;
  return 'package' in entry ? entry.package : entry.name;
}

function optionsIn(entry: PluginEntry | undefined): unknown {
  return typeof entry === 'object' && 'package' in entry ? entry.options : undefined;
}
