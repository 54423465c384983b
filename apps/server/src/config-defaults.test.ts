import { configJsonSchema } from '@sluice/config';
import { completeOptions as logsSettings } from '@sluice/plugin-logs';
import { completeOptions as pullSettings } from '@sluice/plugin-pull';
import { resolveOptions as hookSettings } from '@sluice/plugin-webhooks';
import { resolveEngineOptions } from '@sluice/rtc';
import { expect, test } from 'vitest';

interface SettingSchema {
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SettingSchema>>;
}

/** As editors, the sample and `config print` tell them. */
const told: SettingSchema = configJsonSchema();

function settingsOf(group: string): [name: string, schema: SettingSchema][] {
  return Object.entries(told.properties?.[group]?.properties ?? {});
}

function toldDefaults(group: string): Record<string, unknown> {
  return defaultsIn(told.properties?.[group]);
}

function defaultsIn(group: SettingSchema | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(group?.properties ?? {}).flatMap(([name, schema]) => ('default' in schema ? [[name, schema.default]] : [])));
}

/** What has no default is not told of. */
function defined(settings: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

test('the defaults that are told of rtc are those of the media plane', () => {
  const { logger: _logger, clock: _clock, ...defaults } = resolveEngineOptions({});
  expect(toldDefaults('rtc')).toEqual(defined(defaults));
});

test('the defaults that are told of hooks are those of the webhooks', () => {
  const { targets, ...general } = hookSettings({ onPublish: 'http://localhost/' });
  const [target] = targets.onPublish;
  // A URL and secrets have no default, and that of the budget depends on others.
  const { url: _url, secret, budgetMs, ...ofUrl } = target!;
  expect(secret).toEqual([]);
  expect(toldDefaults('hooks')).toEqual({ enabled: true, ...general, ...ofUrl });
  const described = new Map(settingsOf('hooks')).get('budgetMs')?.description;
  expect(described).toContain(`Default: what they may take together, ${budgetMs} with the other defaults.`);
});

test('the defaults that are told of pull are those of the pulls', () => {
  expect(toldDefaults('pull')).toEqual(pullSettings());
});

test('the defaults that are told of logs are those of the log signalling and its history', () => {
  const { limits, history, ...defaults } = logsSettings();
  expect(toldDefaults('logs')).toMatchObject({ ...defined(defaults), ...limits });
  expect(defaultsIn(settingsOf('logs').find(([name]) => name === 'history')?.[1])).toEqual(history);
});
