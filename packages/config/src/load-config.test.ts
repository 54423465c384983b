import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
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
    ['c.toml', '[http]\nport = 81\n'],
    ['c.toml', 'http.port = 81\n'],
    ['c.ini', '[http]\nport=81\n'],
    ['c.json', '\uFEFF{ "http": { "port": 81 } }'],
    ['c.mjs', 'export default { http: { port: 81 } };'],
    ['c.ts', 'const port: number = 81;\nexport default { http: { port } };'],
  ])('%s is read', async (name, content) => {
    const file = await write(name, content);
    const loaded = await loadConfig({ cwd: folder, flags: { config: name } });
    expect(loaded.config.http).toMatchObject({ port: 81, host: '127.0.0.1' });
    expect(loaded.file).toBe(file);
  });

  test.each(['# nothing yet\n', '', 'http:\nplugins:\npaths:\n'])('a YAML file with nothing in it (%j) means the defaults', async (content) => {
    await write('c.yaml', content);
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
  ])('%j', async (content, sentence) => {
    const file = await write('c.json', JSON.stringify(content));
    const message = await messageOf(loadConfig({ cwd: folder, flags: { config: 'c.json' } }));
    expect(message).toContain(sentence);
    expect(message).toContain(`${file}:1: `);
    expect(message).not.toContain('\n');
  });

  test.each([
    ['c.json', '{\n"http": ', 2],
    ['c.json', '{\n\n"http": x }', 3],
    ['c.yaml', 'demo: true\nhttp: [\n', 3],
    ['c.yaml', 'demo: true\ndemo: false\n', 2],
    ['c.toml', 'demo = true\nhttp = {\n', 3],
    ['c.toml', 'demo = true\ndemo = true\n', 2],
    ['c.mjs', 'export const config = {};', undefined],
    ['c.mjs', 'throw new Error("broken");', undefined],
    ['c.conf', '', undefined],
  ])('%s with content %j cannot be read', async (name, content, line) => {
    const file = await write(name, content);
    const message = await messageOf(loadConfig({ cwd: folder, flags: { config: name } }));
    expect(message).toMatch(/^\S+: .+\.$/);
    expect(message).toMatch(new RegExp(`^${file}(:${line})?: `));
  });

  test('a file that is not there', async () => {
    expect(await messageOf(loadConfig({ cwd: folder, flags: { config: 'no.yaml' } }))).toBe(
      `${path.join(folder, 'no.yaml')}: there is no such config file.`,
    );
  });

  test.each(['', '-1', '65536', '80a', '1e3', ' 80'])('the port %j of a flag', async (port) => {
    const message = await messageOf(loadConfig({ cwd: folder, flags: { 'http-port': port } }));
    expect(message).toMatch(/^--http-port must be a port number from 0 to 65535, not "?.*"?\.$/);
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

describe('every thing that is wrong is said, with its line', () => {
  const broken = { prot: 2, host: 4, third: 7 };

  test.each([
    ['c.yaml', 'http:\n  prot: 1\n  port: 2\n  host: 3\nrtc:\n  port: 8000\nlimit: {}\n', broken],
    ['c.json', '{ "http": {\n "prot": 1,\n "port": 2,\n "host": 3 },\n "rtc": {\n "port": 8000 },\n "limit": {} }\n', broken],
    ['c.toml', '[http]\nprot = 1\nport = 2\nhost = 3\n[rtc]\nport = 8000\n[limit]\n', broken],
  ])('%s', async (name, content, lines) => {
    const file = await write(name, content);
    const message = await messageOf(loadConfig({ cwd: folder, flags: { config: name } }));
    expect(message.split('\n')).toEqual([
      `${file}:${lines.prot}: there is no setting "http.prot"; did you mean "http.port"?`,
      `${file}:${lines.host}: "http.host" must be a text, not 3.`,
      `${file}:${lines.third}: there is no setting "limit"; did you mean "limits"?`,
    ]);
  });

  test('those of a flag and a variable beside those of the file', async () => {
    const file = await write('c.yaml', 'demo: perhaps\n');
    const options = { cwd: folder, env: { SLUICE_LOG_LEVEL: 'loud', SLUICE_HTTP_PROT: '1' }, flags: { config: 'c.yaml', set: ['http.iceServers=[{ urls: 3 }]', 'http.prot=1', 'nothing'] } };
    expect((await messageOf(loadConfig(options))).split('\n')).toEqual([
      `${file}:1: "demo" must be true or false, not "perhaps".`,
      'There is no variable SLUICE_HTTP_PROT; did you mean SLUICE_HTTP_PORT?',
      'SLUICE_LOG_LEVEL must be debug, info, warn, error or silent, not "loud".',
      '--set http.prot: there is no such setting; did you mean "http.port"?',
      '--set wants key=value, for example --set http.port=9000, not "nothing".',
      '--set http.iceServers must be a STUN or TURN URL, or a list of them, not 3.',
    ]);
  });

  test('in a list and behind a name of the operator', async () => {
    const file = await write('c.toml', '[paths."live/*"]\ncodecs.video = ["H264",\n "MPEG"]\n[paths."live"]\nmaxReaders = 1\n[[http.iceServers]]\nurls = "stun:x"\nurl = 1');
    expect((await messageOf(loadConfig({ cwd: folder, flags: { config: 'c.toml' } }))).split('\n')).toEqual([
      `${file}:3: "paths.live/*.codecs.video[1]" must be VP8, H264, VP9, AV1 or H265, not "MPEG".`,
      expect.stringMatching(new RegExp(`^${file}:4: "paths.live" is no good name here: The path "live" is no pattern: `)),
      `${file}:8: there is no setting "http.iceServers[0].url"; did you mean "http.iceServers[0].urls"?`,
    ]);
  });

  test('but no secret is repeated', async () => {
    const file = await write('c.yaml', 'http:\n  adminToken: short\n  iceServers:\n  - { urls: turn:x, credential: [hush] }\n');
    expect((await messageOf(loadConfig({ cwd: folder, flags: { config: 'c.yaml' } }))).split('\n')).toEqual([
      `${file}:2: "http.adminToken" must be a text of at least 16 characters, not the value given.`,
      `${file}:4: "http.iceServers[0].credential" must be a text, not the value given.`,
    ]);
  });
});

describe('without --config', () => {
  test('the sluice.config of the folder is found', async () => {
    const file = await write('sluice.config.toml', 'demo = false');
    expect(await loadConfig({ cwd: folder })).toMatchObject({ file, config: { demo: false } });
  });

  test('two of them are one too many', async () => {
    await write('sluice.config.yaml', '');
    await write('sluice.config.ts', '');
    expect(await messageOf(loadConfig({ cwd: folder }))).toBe(`${folder} has sluice.config.ts and sluice.config.yaml: remove all but one, or name one with --config.`);
    await write('c.json', '{}');
    expect((await loadConfig({ cwd: folder, flags: { config: 'c.json' } })).file).toBe(path.join(folder, 'c.json'));
  });
});

describe('a state file', () => {
  test('counts more than the config file and less than the environment', async () => {
    await write('c.yaml', 'stateFile: state.json\nlog: { level: warn }\nhttp: { host: file, port: 1 }\n');
    await write('state.json', '{ "log": { "level": "debug" }, "http": { "port": 2 } }');
    const loaded = await loadConfig({ cwd: folder, env: { SLUICE_HTTP_PORT: '3' }, flags: { config: 'c.yaml' } });
    expect(loaded.config).toMatchObject({ log: { level: 'debug' }, http: { host: 'file', port: 3 } });
    expect(loaded.stateFile).toBe(path.join(folder, 'state.json'));
  });

  test('may complete what the config file begins, and the other way round', async () => {
    await write('c.yaml', 'stateFile: state.json\nauth: { jwt: { issuer: me } }\n');
    await write('state.json', '{ "auth": { "jwt": { "jwks": { "url": "https://a.example/jwks" } } }, "paths": { "*": { "play": { "jwt": true } } } }');
    const { config } = await loadConfig({ cwd: folder, flags: { config: 'c.yaml' } });
    expect(config.auth.jwt).toMatchObject({ issuer: 'me', jwks: { url: 'https://a.example/jwks' } });
    await write('state.json', '{}');
    expect(await messageOf(loadConfig({ cwd: folder, flags: { config: 'c.yaml' } }))).toMatch(/^\S+c\.yaml:2: "auth\.jwt\.keys" must be /);
  });

  test('that is not there yet says nothing; one that is broken is named', async () => {
    await write('c.yaml', 'stateFile: state.json\n');
    expect((await loadConfig({ cwd: folder, flags: { config: 'c.yaml' } })).config.log.level).toBe('info');
    const file = await write('state.json', '{\n "log": 3 }');
    expect(await messageOf(loadConfig({ cwd: folder, flags: { config: 'c.yaml' } }))).toBe(`${file}:2: "log" must be a group of settings, not 3.`);
  });
});

test('a TypeScript config that was changed is read anew', async () => {
  const file = await write('c.ts', 'export default { http: { port: 1 } };');
  await utimes(file, 1, 1);
  const read = async () => (await loadConfig({ cwd: folder, flags: { config: 'c.ts' } })).config.http.port;
  expect(await read()).toBe(1);
  await write('c.ts', 'export default { http: { port: 2 } };');
  expect(await read()).toBe(2);
});

test.each(['c.yaml', 'c.toml', 'c.json', 'c.ini'])('any text in %s is a configuration or a MediaError', async (name) => {
  const parts = fc.constantFrom('http', 'paths', 'port', 'live/*', ':', '=', '.', '[', ']', '{', '}', '"', "'", '\n', '  ', ',', '&a', '*a', '- ', '__proto__', '8080', 'true', 'null', '#');
  const text = fc.oneof(fc.string(), fc.array(parts, { maxLength: 40 }).map((words) => words.join('')));
  await fc.assert(
    fc.asyncProperty(text, async (content) => {
      await write(name, content);
      const outcome: unknown = await loadConfig({ cwd: folder, flags: { config: name } }).catch((error: unknown) => error);
      return !(outcome instanceof Error) || (MediaError.is(outcome) && outcome.code === 'CONFIG_INVALID');
    }),
    { numRuns: 200 },
  );
});
