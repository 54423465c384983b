import path from 'node:path';
import { MediaError } from '@sluice/core';
import { type ServerConfig, configSchema } from './schema/server-config.ts';
import { explainIssue } from './settings/explain.ts';
import { fillGroups } from './settings/fill-groups.ts';
import { type Tree, isTree, mergeTrees, valueAt } from './settings/tree.ts';
import { findConfigFile, readConfigFile } from './source/config-file.ts';
import { CONFIG_VARIABLE, type Environment, environmentSource } from './source/environment.ts';
import { type Flags, flagSource } from './source/flags.ts';
import type { IgnoredKey, Place, Source } from './source/source.ts';
import { stateSource } from './source/state-file.ts';

/** Where {@link loadConfig} looks. */
export interface LoadConfigOptions {
  /** Folder that relative paths start from, and where a `sluice.config.*` is found. */
  readonly cwd: string;
  readonly env?: Environment | undefined;
  readonly flags?: Flags | undefined;
  /** Changes to count in place of those of the state file. */
  readonly changes?: Tree | undefined;
}

/** A checked configuration and where it came from. */
export interface LoadedConfig {
  readonly config: ServerConfig;
  /** Full path of the config file, when there is one. */
  readonly file: string | undefined;
  /** Full path of the state file, when there is to be one. */
  readonly stateFile: string | undefined;
  /** Folder that plugins are resolved from: that of the config file, else `cwd`. */
  readonly folder: string;
  /** What said something, what counts least first. */
  readonly sources: readonly Source[];
  /** Keys of a config.ini of ZLMediaKit that mean nothing here. */
  readonly ignored: readonly IgnoredKey[];
}

/**
 * Puts the configuration together: defaults, then the config file (`--config`, `SLUICE_CONFIG`, or the `sluice.config.*`
 * of the folder), then the state file, the environment, and the flags.
 * @throws MediaError CONFIG_INVALID: one sentence per line with file, line, setting and what was expected
 */
export async function loadConfig({ cwd, env = {}, flags = {}, changes }: LoadConfigOptions): Promise<LoadedConfig> {
  const named = flags.config ?? (env[CONFIG_VARIABLE] || undefined);
  const file = named === undefined ? await findConfigFile(cwd) : path.resolve(cwd, named);
  const folder = file === undefined ? cwd : path.dirname(file);
  const fromFile = file === undefined ? [] : [await readConfigFile(file)];
  const outside = [environmentSource(env), flagSource(flags)];
  const stateFile = stateFileOf([...fromFile, ...outside], folder);
  const state = await stateOf(stateFile, changes);
  const sources = [...fromFile, ...state, ...outside];
  return { config: configOf(sources), file, stateFile, folder, sources, ignored: sources.flatMap(({ ignored = [] }) => ignored) };
}

/**
 * Checks a configuration and fills in the defaults.
 * @param source named in the error
 * @throws MediaError CONFIG_INVALID
 */
export function parseConfig(value: unknown, source = 'configuration'): ServerConfig {
  return configOf([{ kind: 'file', value, placeOf: () => ({ where: source }) }]);
}

/** @throws MediaError CONFIG_INVALID with all that is wrong in any of the sources */
function configOf(sources: readonly Source[]): ServerConfig {
  const problems = sources.flatMap((source) => [...(source.problems ?? []), ...issuesOf(source)]);
  if (problems.length > 0) throw new MediaError('CONFIG_INVALID', problems.join('\n'));
  const merged = sources.map(({ value }) => fillGroups(value)).filter(isTree).reduce<Tree>(mergeTrees, {});
  const parsed = configSchema.safeParse(merged);
  if (parsed.success) return parsed.data;
  // Each source is right by itself, so it is two of them together that are wrong.
  const placeOf: Source['placeOf'] = (at) => placeInAny(sources, at);
  throw new MediaError('CONFIG_INVALID', parsed.error.issues.flatMap((issue) => explainIssue(issue, merged, placeOf)).join('\n'), { cause: parsed.error });
}

/** The source whose value of a path counts. */
export function lastToSay(sources: readonly Source[], at: readonly PropertyKey[]): Source | undefined {
  return sources.findLast(({ value }) => valueAt(value, at) !== undefined);
}

/**
 * Checks settings that others are to be merged with.
 * @param source named in the error
 * @throws MediaError CONFIG_INVALID
 */
export function checkAlone(value: Tree, source: string): void {
  const problems = issuesOf({ kind: 'state', value, placeOf: () => ({ where: source }) });
  if (problems.length > 0) throw new MediaError('CONFIG_INVALID', problems.join('\n'));
}

function issuesOf({ value, placeOf }: Source): readonly string[] {
  const filled = fillGroups(value);
  const parsed = configSchema.safeParse(filled);
  if (parsed.success) return [];
  // What is missing, and what goes with what, only all sources together can tell.
  const ownIssues = parsed.error.issues.filter(({ code, path: at }) => code !== 'custom' && (code === 'unrecognized_keys' || valueAt(filled, at) !== undefined));
  const sentences = ownIssues.flatMap((issue) => explainIssue(issue, filled, placeOf));
  return sentences.toSorted((one, other) => lineOf(one) - lineOf(other));
}

function lineOf(sentence: string): number {
  return Number(/^.*?:(\d+): /.exec(sentence)?.[1] ?? 0);
}

/** Of what is missing, the place of the group that it belongs to. */
function placeInAny(sources: readonly Source[], at: readonly PropertyKey[]): Place {
  for (let length = at.length; length > 0; length -= 1) {
    const source = lastToSay(sources, at.slice(0, length));
    if (source) return source.placeOf(at);
  }
  return { where: 'configuration' };
}

async function stateOf(file: string | undefined, changes: Tree | undefined): Promise<readonly Source[]> {
  if (changes) return [{ kind: 'state', value: changes, placeOf: () => ({ where: file ?? 'API' }) }];
  return file === undefined ? [] : [await stateSource(file)];
}

/** The state file cannot say where it is itself, so this is asked before it is read. */
function stateFileOf(sources: readonly Source[], folder: string): string | undefined {
  const named = sources.map(({ value }) => valueAt(value, ['stateFile'])).findLast((value) => typeof value === 'string' && value !== '');
  return typeof named === 'string' ? path.resolve(folder, named) : undefined;
}
