import { z } from 'zod';
import { type LoadedConfig, lastToSay } from '../load-config.ts';
import { redact } from '../settings/redact.ts';
import { type Setting, listSettings, unwrap } from '../settings/setting-table.ts';
import { isTree, valueAt } from '../settings/tree.ts';
import type { SourceKind } from '../source/source.ts';

/** One setting as it counts. */
export interface ConfigEntry {
  readonly path: readonly string[];
  /** `http.port` */
  readonly key: string;
  /** Secrets replaced; null when it has no value and no default. */
  readonly value: unknown;
  readonly source: SourceKind | 'default';
  /** `/etc/sluice.yaml:3`, `SLUICE_HTTP_PORT`, `--http-port`; undefined for a default. */
  readonly from: string | undefined;
}

/** Every setting with its value and where that comes from, in the order of the schema. */
export function configEntries(loaded: LoadedConfig): readonly ConfigEntry[] {
  const settings = listSettings().filter((setting) => isPresent(setting, loaded));
  return settings.flatMap((setting) => expand(setting, loaded)).map((setting) => entryOf(setting, loaded));
}

/** Defaults of a group that is not there count for nobody. */
function isPresent({ optionalGroup }: Setting, { config }: LoadedConfig): boolean {
  return optionalGroup === undefined || valueAt(config, optionalGroup) !== undefined;
}

/** Of a group whose names the operator chose, the settings of each name that are given. */
function expand(setting: Setting, { config }: LoadedConfig): readonly Setting[] {
  const bare = unwrap(setting.schema);
  const value = valueAt(config, setting.path);
  if (!(bare instanceof z.ZodRecord) || !isTree(value) || Object.keys(value).length === 0) return [setting];
  const inner = Object.keys(value).flatMap((name) => listSettings(bare.valueType, [...setting.path, name]));
  return inner.filter(({ path }) => valueAt(config, path) !== undefined);
}

function entryOf({ path, key, schema, default: standard }: Setting, { config, sources }: LoadedConfig): ConfigEntry {
  const source = lastToSay(sources, path);
  const value = valueAt(config, path) ?? standard ?? null;
  return { path, key, value: redact(schema, value), source: source?.kind ?? 'default', from: source?.placeOf(path).where };
}
