export { type LoadConfigOptions, type LoadedConfig, loadConfig, parseConfig } from './load-config.ts';
export { resolvePlugins } from './resolve-plugins.ts';
export type { PluginEntry } from './schema/plugins.ts';
export { type ServerConfig, type ServerConfigInput, defineConfig } from './schema/server-config.ts';
export type { Environment } from './source/environment.ts';
export { type Flags, flagOptions } from './source/flags.ts';
export type { IgnoredKey, Place, Source, SourceKind } from './source/source.ts';
