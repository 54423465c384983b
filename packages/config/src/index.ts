export { type LoadConfigOptions, type LoadedConfig, loadConfig, parseConfig } from './load-config.ts';
export { resolvePlugins } from './resolve-plugins.ts';
export type { PluginEntry } from './schema/plugins.ts';
export { type ServerConfig, type ServerConfigInput, defineConfig } from './schema/server-config.ts';
export { type Environment, type Flags, flagOptions } from './settings.ts';
