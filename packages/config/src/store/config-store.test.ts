import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MediaError } from '@sluice/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ServerConfig } from '../schema/server-config.ts';
import { ConfigStore } from './config-store.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-store-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function open(yaml: string, more: { env?: Record<string, string> } = {}): Promise<ConfigStore> {
  await writeFile(path.join(folder, 'sluice.config.yaml'), yaml);
  return ConfigStore.open({ cwd: folder, ...more });
}

const levelOf = async (config: ServerConfig) => config.log.level;
const refuse = () => Promise.reject(new MediaError('CONFIG_INVALID', 'The plugin does not like it.'));
const stateFile = () => path.join(folder, 'state.json');
const stateOf = async (): Promise<unknown> => JSON.parse(await readFile(stateFile(), 'utf8'));

describe('reload', () => {
  test('gives what the sources say now', async () => {
    const store = await open('log: { level: warn }');
    await writeFile(path.join(folder, 'sluice.config.yaml'), 'log: { level: debug }');
    expect(await store.reload(levelOf)).toBe('debug');
    expect(store.loaded.config.log.level).toBe('debug');
  });

  test('of a wrong file, or one that is refused, keeps the old', async () => {
    const store = await open('log: { level: warn }');
    const apply = vi.fn(levelOf);
    await writeFile(path.join(folder, 'sluice.config.yaml'), 'log: { level: loud }');
    await expect(store.reload(apply)).rejects.toThrow(`${path.join(folder, 'sluice.config.yaml')}:1: "log.level" must be`);
    expect(apply).not.toHaveBeenCalled();
    await writeFile(path.join(folder, 'sluice.config.yaml'), 'log: { level: debug }');
    await expect(store.reload(refuse)).rejects.toThrow('does not like it');
    expect(store.loaded.config.log.level).toBe('warn');
  });

  test('keeps changes, also without a state file', async () => {
    const store = await open('log: { level: warn }');
    await store.change({ log: { level: 'error' } }, levelOf);
    expect(await store.reload(levelOf)).toBe('error');
  });
});

describe('a change', () => {
  test('is in the state file, which only its owner reads, and counts after a restart', async () => {
    const store = await open('stateFile: state.json\nhttp: { port: 1 }\n');
    expect(await store.change({ log: { level: 'warn' }, http: { adminToken: 'a token of some length' } }, levelOf)).toBe('warn');
    await store.change({ paths: { 'live/*': { maxReaders: 3 } } }, levelOf);
    expect(await stateOf()).toEqual({ log: { level: 'warn' }, http: { adminToken: 'a token of some length' }, paths: { 'live/*': { maxReaders: 3 } } });
    expect((await stat(stateFile())).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['sluice.config.yaml', 'state.json']);
    const { config } = (await ConfigStore.open({ cwd: folder })).loaded;
    expect(config).toMatchObject({ log: { level: 'warn' }, http: { port: 1 }, paths: { 'live/*': { maxReaders: 3 } } });
  });

  test('is taken back by null', async () => {
    const store = await open('stateFile: state.json\nlog: { level: warn }\n');
    await store.change({ log: { level: 'error' }, demo: false }, levelOf);
    expect(await store.change({ log: { level: null } }, levelOf)).toBe('warn');
    expect(await stateOf()).toEqual({ log: {}, demo: false });
  });

  test.each<[string, unknown, string]>([
    ['that is none', 'debug', 'must be an object'],
    ['of an unknown setting', { log: { levle: 'warn' } }, 'did you mean "log.level"?'],
    ['to a wrong value', { log: { level: 'loud' } }, '"log.level" must be'],
    ['that a variable overrules', { http: { host: '::' } }, '"http.host" is set by SLUICE_HTTP_HOST, which counts more; change it there.'],
    ['of an unknown setting, named as such', { log: { levle: 'warn' } }, 'The change: there is no setting'],
  ])('%s is refused, and nothing is written', async (_what, patch, words) => {
    const store = await open('stateFile: state.json', { env: { SLUICE_HTTP_HOST: '127.0.0.2' } });
    await expect(store.change(patch, levelOf)).rejects.toThrow(words);
    expect(await readdir(folder)).toEqual(['sluice.config.yaml']);
  });

  test('that is refused when it is put into effect is not kept', async () => {
    const store = await open('stateFile: state.json');
    await store.change({ log: { level: 'warn' } }, levelOf);
    await expect(store.change({ log: { level: 'error' } }, refuse)).rejects.toThrow('does not like it');
    expect(await stateOf()).toEqual({ log: { level: 'warn' } });
    expect(store.loaded.config.log.level).toBe('warn');
  });

  test('that cannot be kept does not count', async () => {
    const store = await open('stateFile: absent/state.json');
    const apply = vi.fn(levelOf);
    await expect(store.change({ log: { level: 'error' } }, apply)).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('cannot be written') });
    expect(apply).not.toHaveBeenCalled();
  });

  test('waits for the one before', async () => {
    const store = await open('stateFile: state.json');
    const order: string[] = [];
    const applyAs = (name: string) => async () => {
      order.push(`+${name}`);
      await Promise.resolve();
      order.push(`-${name}`);
    };
    await Promise.all([store.change({ demo: false }, applyAs('a')), store.reload(applyAs('b')), store.change({ log: { level: 'warn' } }, applyAs('c'))]);
    expect(order).toEqual(['+a', '-a', '+b', '-b', '+c', '-c']);
    expect(await stateOf()).toEqual({ demo: false, log: { level: 'warn' } });
  });
});

test('a state file that cannot be read is named', async () => {
  await writeFile(stateFile(), '{');
  await expect(open('stateFile: state.json')).rejects.toThrow(`${stateFile()}:1: `);
});
