import path from 'node:path';
import { MediaError } from '@sluice/core';
import { explainIssue } from './explain.ts';
import { readConfigFile } from './read-file.ts';
import { type ServerConfig, configSchema } from './schema/server-config.ts';
import { type Environment, type Flags, type Overrides, readOverrides } from './settings.ts';

/** Where {@link loadConfig} looks. */
export interface LoadConfigOptions {
  /** Folder that relative paths start from. */
  readonly cwd: string;
  readonly env?: Environment | undefined;
  readonly flags?: Flags | undefined;
}

/** A checked configuration and where it came from. */
export interface LoadedConfig {
  readonly config: ServerConfig;
  /** Full path of the config file, when there is one. */
  readonly file: string | undefined;
  /** Folder that plugins are resolved from: that of the config file, else `cwd`. */
  readonly folder: string;
}

/**
 * Puts the configuration together: defaults, then the config file (`--config` or `SLUICE_CONFIG`),
 * then the environment, then the flags.
 * @throws MediaError CONFIG_INVALID: one sentence with file, setting and what was expected
 */
export async function loadConfig({ cwd, env = {}, flags = {} }: LoadConfigOptions): Promise<LoadedConfig> {
  const overrides = readOverrides(env, flags);
  const file = overrides.file === undefined ? undefined : path.resolve(cwd, overrides.file);
  const fromFile = file === undefined ? {} : await readConfigFile(file);
  const config = override(parseConfig(fromFile, file), overrides);
  return { config, file, folder: file === undefined ? cwd : path.dirname(file) };
}

/**
 * Checks a configuration and fills in the defaults.
 * @param source named in the error
 * @throws MediaError CONFIG_INVALID
 */
export function parseConfig(value: unknown, source = 'configuration'): ServerConfig {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue === undefined) throw parsed.error;
  throw new MediaError('CONFIG_INVALID', explainIssue({ issue, schema: configSchema, value, file: source }), { cause: parsed.error });
}

function override(config: ServerConfig, { host, httpPort, rtcPort, demo }: Overrides): ServerConfig {
  return {
    ...config,
    http: { ...config.http, host: host ?? config.http.host, port: httpPort ?? config.http.port },
    rtc: { ...config.rtc, port: rtcPort ?? config.rtc.port },
    demo: demo ?? config.demo,
  };
}
