import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { definePlugin } from '@sluice/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolvePlugins } from './resolve-plugins.ts';

const FACTORY = 'export default (options) => ({ name: "test-plugin", api: 1, options });';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-plugins-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function write(name: string, content: string): Promise<void> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}

async function writePackage(where: string): Promise<void> {
  const manifest = { name: '@someone/plugin', version: '1.2.3', type: 'module', exports: { '.': { import: './main.js' } } };
  await write(`${where}/package.json`, JSON.stringify(manifest));
  await write(`${where}/main.js`, FACTORY);
}

test('a package is found from the folder and made with its options', async () => {
  await writePackage('node_modules/@someone/plugin');
  const options = { key: 'k' };
  const plugins = await resolvePlugins(['@someone/plugin', { package: '@someone/plugin', options }], folder);
  expect(plugins).toMatchObject([
    { name: 'test-plugin', version: '1.2.3', options: undefined },
    { name: 'test-plugin', version: '1.2.3', options },
  ]);
});

test('a path may be a file or the folder of a package', async () => {
  await write('one.mjs', FACTORY);
  await writePackage('two');
  const plugins = await resolvePlugins(['./one.mjs', './two', path.join(folder, 'one.mjs')], folder);
  expect(plugins.map((plugin) => plugin.name)).toEqual(['test-plugin', 'test-plugin', 'test-plugin']);
});

test('a plugin that is there already stays as it is', async () => {
  const plugin = definePlugin(() => ({ name: 'mine' }))();
  expect(await resolvePlugins([plugin], folder)).toEqual([plugin]);
});

test.each([
  ['@someone/absent', 'could not be loaded'],
  ['./absent.mjs', 'could not be loaded'],
  ['./throws.mjs', 'could not be loaded from'],
  ['./factory-throws.mjs', 'no secret given'],
  ['./empty.mjs', 'is not a plugin factory'],
  ['./wrong.mjs', 'is not a plugin factory'],
  ['./nameless', 'has no name'],
])('%s stops the start', async (entry, reason) => {
  await write('throws.mjs', 'throw new Error("at load");');
  await write('factory-throws.mjs', 'export default () => { throw new Error("no secret given"); };');
  await write('empty.mjs', 'export {};');
  await write('wrong.mjs', 'export default () => ({ hello: "world" });');
  await write('nameless/package.json', '{}');
  const result = resolvePlugins([entry], folder);
  await expect(result).rejects.toMatchObject({ code: 'PLUGIN_LOAD', plugin: entry });
  await expect(result).rejects.toThrow(entry);
  await expect(result).rejects.toThrow(reason);
});
