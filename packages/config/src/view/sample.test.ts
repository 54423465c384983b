import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../load-config.ts';
import { configJsonSchema } from '../schema/json-schema.ts';
import { listSettings } from '../settings/setting-table.ts';
import { valueAt } from '../settings/tree.ts';
import { NO_SECRET } from './example-value.ts';
import { configSample } from './sample.ts';

/** Every setting that is behind a #, taken out from there; a secret without a value that works is left where it is. */
function uncommented(sample: string): string {
  return sample.replaceAll(new RegExp(`^( *)#(?=\\S)(?!.*: ${NO_SECRET}$)`, 'gm'), '$1');
}

test('the committed sample is that of the schema', () => {
  const committed = readFileSync(new URL('../../sluice.sample.yaml', import.meta.url), 'utf8');
  expect(committed, 'run: pnpm --filter @sluice/config sample').toBe(configSample());
});

test('the sample as it is means the defaults', () => {
  const config = parseConfig(parse(configSample()));
  const always = listSettings().filter(({ optionalGroup }) => optionalGroup === undefined);
  expect(always.map(({ path, key }) => [key, valueAt(config, path)])).toEqual(always.map((setting) => [setting.key, setting.default]));
});

test('every setting is in the sample, and every example is right', () => {
  const all: unknown = parse(uncommented(configSample()));
  expect(() => parseConfig(all)).not.toThrow();
  const missing = listSettings().filter(({ path, isSecret }) => !isSecret && valueAt(all, path) === undefined);
  expect(missing.map(({ key }) => key)).toEqual([]);
});

test('every setting has its description', () => {
  expect(listSettings().filter(({ description }) => description === '').map(({ key }) => key)).toEqual([]);
});

test('editors are told of every setting, and that a secret is one', () => {
  const schema = configJsonSchema();
  const inSchema = listSettings().map(({ path, key, isSecret }) => [key, isSecret, valueAt(schema, path.flatMap((step) => ['properties', step]))] as const);
  expect(inSchema.filter(([, , inner]) => inner === undefined)).toEqual([]);
  expect(inSchema.filter(([, isSecret, inner]) => isSecret && valueAt(inner, ['writeOnly']) !== true)).toEqual([]);
  expect(JSON.stringify(schema)).not.toContain('"secret":true');
});
