import { resolve } from 'node:path';
import { type ServerConfig, resolvePlugins, withPackageVersion } from '@sluice/config';
import type { WebRtcPlugin } from '@sluice/core';
import auth from '@sluice/plugin-auth';
import demo from '@sluice/plugin-demo';
import echo from '@sluice/plugin-echo';
import file from '@sluice/plugin-file';
import logs from '@sluice/plugin-logs';
import peer from '@sluice/plugin-peer';
import play from '@sluice/plugin-play';
import pull from '@sluice/plugin-pull';
import push from '@sluice/plugin-push';
import relay from '@sluice/plugin-relay';
import webhooks from '@sluice/plugin-webhooks';

/** What the demo plugin publishes. */
const DEMO_STREAM = 'live/demo';

/** The plugins of a server. */
export interface LoadedPlugins {
  /** In the order in which they are registered. */
  readonly all: readonly WebRtcPlugin[];
  /** Those that the configuration names, in its order. */
  readonly configured: readonly WebRtcPlugin[];
}

/** Plugins that every server has and whose options are a group of the configuration, by the name of that. */
export const pluginSections = {
  auth: { plugin: '@sluice/plugin-auth', optionsOf: (config: ServerConfig, folder: string) => ({ ...config.auth, folder }) },
  hooks: { plugin: '@sluice/plugin-webhooks', optionsOf: (config: ServerConfig) => config.hooks },
  peer: {
    plugin: '@sluice/plugin-peer',
    optionsOf: ({ peer: options, demo: hasDemo }: ServerConfig) => ({ ...options, defaultStream: options.defaultStream ?? (hasDemo ? DEMO_STREAM : undefined) }),
  },
  relay: { plugin: '@sluice/plugin-relay', optionsOf: (config: ServerConfig) => config.relay },
  logs: { plugin: '@sluice/plugin-logs', optionsOf: (config: ServerConfig) => config.logs },
  pull: { plugin: '@sluice/plugin-pull', optionsOf: (config: ServerConfig) => config.pull },
  file: {
    plugin: '@sluice/plugin-file',
    optionsOf: ({ file: options }: ServerConfig, folder: string) => ({ ...options, folder: resolve(folder, options.folder ?? '.') }),
  },
};

/**
 * The plugins that every server has, and those of its configuration.
 * @param folder that the latter are resolved from
 * @throws MediaError PLUGIN_LOAD, CONFIG_INVALID
 */
export async function loadPlugins(config: ServerConfig, folder: string): Promise<LoadedPlugins> {
  const sections = pluginSections;
  const always = [
    auth(sections.auth.optionsOf(config, folder)),
    webhooks(sections.hooks.optionsOf(config)),
    echo(),
    push(),
    play(),
    peer(sections.peer.optionsOf(config)),
    relay(sections.relay.optionsOf(config)),
    logs(sections.logs.optionsOf(config)),
    pull(sections.pull.optionsOf(config)),
    file(sections.file.optionsOf(config, folder)),
  ];
  const wanted = config.demo ? [demo()] : [];
  const configured = await resolvePlugins(config.plugins, folder);
  const own = [...always, ...wanted].map((plugin) => withPackageVersion(plugin, plugin.name, import.meta.url));
  return { all: [...own, ...configured], configured };
}
