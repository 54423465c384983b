import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type LoadedConfig, loadConfig, parseConfig } from '../load-config.ts';
import { configEntries } from './config-entries.ts';
import { printConfig } from './print-config.ts';
import { printIni } from './print-ini.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-view-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function load(yaml: string): Promise<LoadedConfig> {
  await writeFile(path.join(folder, 'c.yaml'), yaml);
  return loadConfig({ cwd: folder, env: { SLUICE_RTC_PORT: '1' }, flags: { config: 'c.yaml', 'http-port': '2', set: ['log.level=warn'] } });
}

const SECRETS = `
http: { adminToken: hush-hush-hush-hush, iceServers: [{ urls: 'turn:x', username: u, credential: hush }] }
hooks: { onPublish: 'https://user:hush@auth.example/publish?key=hush' }
auth: { publish: { keys: [hush-hush] }, jwt: { keys: [{ secret: hush-hush-hush-hush-hush-hush-hush-hush }] } }
paths: { 'live/*': { source: { whep: 'https://a.example/whep?token=hush', token: hush }, play: { keys: [hush-hush] } } }
plugins: [{ package: ./x, options: { apiKey: hush, nested: [{ password: hush }], url: 'redis://:hush@host/', maxKeys: 3 } }]
`;

test('each setting says where it comes from', async () => {
  const file = path.join(folder, 'c.yaml');
  const entries = new Map(configEntries(await load('http:\n  host: "::"\npaths:\n  live/*:\n    maxReaders: 3\n')).map((entry) => [entry.key, entry]));
  expect(entries.get('http.host')).toMatchObject({ value: '::', source: 'file', from: `${file}:2` });
  expect(entries.get('paths.live/*.maxReaders')).toMatchObject({ value: 3, source: 'file', from: `${file}:5` });
  expect(entries.get('rtc.port')).toMatchObject({ value: 1, source: 'environment', from: 'SLUICE_RTC_PORT' });
  expect(entries.get('http.port')).toMatchObject({ value: 2, source: 'flag', from: '--http-port' });
  expect(entries.get('log.level')).toMatchObject({ value: 'warn', source: 'flag', from: '--set log.level' });
  expect(entries.get('demo')).toMatchObject({ value: true, source: 'default', from: undefined });
  expect(entries.get('limits.maxWaiters')).toMatchObject({ value: 1000, source: 'default' });
});

test('no secret is shown', async () => {
  const loaded = await load(SECRETS);
  const shown = JSON.stringify(configEntries(loaded)) + printConfig(loaded, { withOrigins: true }) + JSON.stringify(printIni(loaded.config));
  expect(shown).not.toContain('hush');
  expect(shown).toContain('"maxKeys":3');
  expect(shown).toContain('https://***@auth.example/publish?***');
});

test('what is printed is a configuration, with the places behind the settings when asked', async () => {
  const loaded = await load('http:\n  host: "::"\npaths:\n  "live/*":\n    maxReaders: 3\n');
  expect(parseConfig(parse(printConfig(loaded)))).toMatchObject({ ...loaded.config, limits: {}, rtc: {}, auth: {} });
  const lines = printConfig(loaded, { withOrigins: true }).split('\n');
  expect(lines).toContain(`  host: "::" # ${path.join(folder, 'c.yaml')}:2`);
  expect(lines).toContain('  port: 2 # --http-port');
  expect(lines).toContain(`    maxReaders: 3 # ${path.join(folder, 'c.yaml')}:5`);
});

test('settings have the names and the form of a config.ini too', () => {
  const config = parseConfig({ hooks: { onPlay: 'http://a/', timeoutMs: 2500 }, rtc: { externalAddresses: ['192.0.2.1', '192.0.2.2'] } });
  expect(printIni(config)).toMatchObject({
    'hook.enable': '1',
    'hook.on_play': 'http://a/',
    'hook.on_publish': '',
    'hook.timeoutSec': '2.5',
    'rtc.externIP': '192.0.2.1,192.0.2.2',
    'general.maxStreamWaitMS': '15000',
    'http.port': '8080',
  });
});
