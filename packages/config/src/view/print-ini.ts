import type { ServerConfig } from '../schema/server-config.ts';
import { redact } from '../settings/redact.ts';
import { listSettings } from '../settings/setting-table.ts';
import { valueAt } from '../settings/tree.ts';
import { INI_KEYS } from '../source/ini/ini-keys.ts';

/** The settings that ZLMediaKit's config.ini has too, under its names and in its form; secrets are replaced. */
export function printIni(config: ServerConfig): Readonly<Record<string, string>> {
  const settings = new Map(listSettings().map((setting) => [setting.key, setting]));
  const entries = Object.entries(INI_KEYS).flatMap(([key, { path, write }]) => {
    const setting = settings.get(path.join('.'));
    const value = valueAt(config, path) ?? setting?.default;
    if (setting === undefined && value === undefined) return [];
    // Within a list of texts, as those of `paths` are, is nothing secret.
    return [[key, write(setting ? redact(setting.schema, value) : value)] as const];
  });
  return Object.fromEntries(entries);
}
