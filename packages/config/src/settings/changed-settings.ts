import { isDeepStrictEqual } from 'node:util';
import type { ServerConfig } from '../schema/server-config.ts';
import { isPlugin } from '../schema/plugins.ts';
import { listSettings } from './setting-table.ts';
import { valueAt } from './tree.ts';

/** Names of the settings in which two configurations differ, in the order of the schema. */
export function changedSettings(one: ServerConfig, other: ServerConfig): readonly string[] {
  const changed = listSettings().filter(({ path }) => !isDeepStrictEqual(comparable(valueAt(one, path)), comparable(valueAt(other, path))));
  return changed.map(({ key }) => key);
}

/** A plugin of a config file in TypeScript is another object after each reading; its name says as much as can be known. */
function comparable(value: unknown): unknown {
  return Array.isArray(value) ? value.map((item: unknown) => (isPlugin(item) ? item.name : item)) : value;
}
