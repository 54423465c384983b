import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MediaError } from '@sluice/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig, parseConfig } from './load-config.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-config-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function write(name: string, content: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
}

async function messageOf(result: Promise<unknown>): Promise<string> {
  const error: unknown = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MediaError);
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  return (error as MediaError).message;
}

function errorOf(task: () => unknown): unknown {
  try {
    task();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('sources', () => {
  test('without any source everything has its default', async () => {
    const { config, file, folder: from } = await loadConfig({ cwd: folder });
    expect(config).toMatchObject({
      http: { host: '127.0.0.1', port: 8080, iceServers: [], trustedProxies: [], strictIfMatch: false },
      rtc: { port: 8000 },
      plugins: [],
      demo: true,
      log: { level: 'info' },
    });
    expect(file).toBeUndefined();
    expect(from).toBe(folder);
  });

  test.each([
    ['c.json', '{ "http": { "port": 81 } }'],
    ['c.yaml', 'http:\n  port: 81\n'],
    ['c.yml', 'http: { port: 81 }'],
    ['c.mjs', 'export default { http: { port: 81 } };'],
    ['c.ts', 'const port: number = 81;\nexport default { http: { port } };'],
  ])('%s is read', async (name, content) => {
    const file = await write(name, content);
    const loaded = await loadConfig({ cwd: folder, flags: { config: name } });
    expect(loaded.config.http).toMatchObject({ port: 81, host: '127.0.0.1' });
    expect(loaded.file).toBe(file);
  });

  test('an empty YAML file means the defaults', async () => {
    await write('c.yaml', '# nothing yet\n');
    expect((await loadConfig({ cwd: folder, flags: { config: 'c.yaml' } })).config).toEqual(parseConfig({}));
  });

  test('plugins are resolved from the folder of the file', async () => {
    await write('c.json', '{}');
    const loaded = await loadConfig({ cwd: '/', flags: { config: path.join(folder, 'c.json') } });
    expect(loaded.folder).toBe(folder);
  });

  test('a config in JavaScript may hold plugins', async () => {
    await write('c.mjs', 'export default { plugins: [{ name: "x", api: 1 }] };');
    const { config } = await loadConfig({ cwd: folder, flags: { config: 'c.mjs' } });
    expect(config.plugins).toEqual([{ name: 'x', api: 1 }]);
  });

  test('flags count more than the environment, which counts more than the file', async () => {
    await write('c.json', '{ "http": { "host": "file", "port": 1 }, "rtc": { "port": 1 }, "demo": true }');
    await write('other.json', '{}');
    const env = { SLUICE_CONFIG: 'c.json', SLUICE_HTTP_PORT: '2', SLUICE_RTC_PORT: '2' };

    const fromEnv = await loadConfig({ cwd: folder, env });
    expect(fromEnv.config).toMatchObject({ http: { host: 'file', port: 2 }, rtc: { port: 2 }, demo: true });

    const flags = { host: 'flag', 'rtc-port': '3', 'no-demo': true };
    const fromFlags = await loadConfig({ cwd: folder, env: { ...env, SLUICE_HOST: 'env' }, flags });
    expect(fromFlags.config).toMatchObject({ http: { host: 'flag', port: 2 }, rtc: { port: 3 }, demo: false });

    const otherFile = await loadConfig({ cwd: folder, env, flags: { config: 'other.json' } });
    expect(otherFile.file).toBe(path.join(folder, 'other.json'));
  });

  test('an empty variable is not set', async () => {
    const env = { SLUICE_HOST: '', SLUICE_HTTP_PORT: '', SLUICE_RTC_PORT: '', SLUICE_CONFIG: '' };
    expect((await loadConfig({ cwd: folder, env })).config).toEqual(parseConfig({}));
  });
});

describe('errors are one sentence with file, setting and what was expected', () => {
  test.each([
    [{ http: { prot: 1 } }, 'there is no setting "http.prot"; did you mean "http.port"?'],
    [{ htpp: {} }, 'there is no setting "htpp"; did you mean "http"?'],
    [{ zzz: 1 }, 'the settings here are http, rtc,'],
    [{ http: { iceServers: [{ urls: 'stun:x', usrname: 'a' }] } }, '"http.iceServers[0].usrname"; did you mean "http.iceServers[0].username"?'],
    [{ http: { port: '80' } }, '"http.port" must be a port number from 0 to 65535, not "80".'],
    [{ http: { port: 70_000 } }, '"http.port" must be a port number from 0 to 65535, not 70000.'],
    [{ http: 3 }, '"http" must be a group of settings, not 3.'],
    [{ rtc: { externalAddresses: ['example.org'] } }, '"rtc.externalAddresses[0]" must be an IP address, not "example.org".'],
    [{ hooks: { onPublish: 'ftp://x' } }, '"hooks.onPublish" must be an http or https URL, not "ftp://x".'],
    [{ streams: { maxStreamWaitMs: -1 } }, '"streams.maxStreamWaitMs" must be a number of milliseconds from 0 to'],
    [{ plugins: [3] }, '"plugins[0]" must be a package name, a path, { package, options } or a plugin, not 3.'],
    [{ demo: 'no' }, '"demo" must be true or false, not "no".'],
    [{ log: { level: 'loud' } }, '"log.level" must be debug, info, warn, error or silent, not "loud".'],
    [null, 'the configuration must be a group of settings, not null.'],
  ])('%j', async (content, sentence) => {
    const file = await write('c.json', JSON.stringify(content));
    const message = await messageOf(loadConfig({ cwd: folder, flags: { config: 'c.json' } }));
    expect(message).toContain(sentence);
    expect(message).toContain(`${file}: `);
    expect(message).not.toContain('\n');
  });

  test.each([
    ['c.json', '{ "http": '],
    ['c.yaml', 'http: [\n'],
    ['c.mjs', 'export const config = {};'],
    ['c.mjs', 'throw new Error("broken");'],
    ['c.ini', ''],
  ])('%s with content %j cannot be read', async (name, content) => {
    const file = await write(name, content);
    const message = await messageOf(loadConfig({ cwd: folder, flags: { config: name } }));
    expect(message).toMatch(/^\S+: .+\.$/);
    expect(message).toContain(`${file}: `);
  });

  test('a file that is not there', async () => {
    expect(await messageOf(loadConfig({ cwd: folder, flags: { config: 'no.yaml' } }))).toBe(
      `${path.join(folder, 'no.yaml')}: there is no such config file.`,
    );
  });

  test.each(['', '-1', '65536', '80a', '1e3', ' 80'])('the port %j of a flag', async (port) => {
    const message = await messageOf(loadConfig({ cwd: folder, flags: { 'http-port': port } }));
    expect(message).toBe(`--http-port must be a port number from 0 to 65535, not "${port}".`);
  });

  test('the port of a variable', async () => {
    expect(await messageOf(loadConfig({ cwd: folder, env: { SLUICE_RTC_PORT: 'udp' } }))).toBe(
      'SLUICE_RTC_PORT must be a port number from 0 to 65535, not "udp".',
    );
  });

  test('any value at all is a configuration or one sentence', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        const error = errorOf(() => parseConfig(value));
        return error === undefined || error instanceof MediaError;
      }),
    );
  });
});
