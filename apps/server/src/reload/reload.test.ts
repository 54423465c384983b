import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigStore } from '@sluice/config';
import { type PluginContext, definePlugin } from '@sluice/core';
import { type FakeEngine, MemoryLogger, fakeEngine, sampleOffer } from '@sluice/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adjustable } from '../log-level.ts';
import type { RunningServer } from '../running-server.ts';
import { startServer } from '../server.ts';
import { reloadOnSignal } from './reload-on-signal.ts';

let folder: string;
const servers: RunningServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-reload-'));
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await rm(folder, { recursive: true });
});

const BASE = 'demo: false\nhttp: { port: 0 }\nrtc: { port: 0 }\n';

async function write(yaml: string, base = BASE): Promise<void> {
  await writeFile(path.join(folder, 'sluice.config.yaml'), base + yaml);
}

async function start(yaml = '', plugins: readonly unknown[] = []) {
  await write(yaml);
  const store = await ConfigStore.open({ cwd: folder });
  const memory = new MemoryLogger();
  const engine: FakeEngine = fakeEngine();
  const config = { ...store.loaded.config, plugins: [...store.loaded.config.plugins, ...plugins] } as typeof store.loaded.config;
  const server = await startServer(config, { store, folder, logger: adjustable(memory, config.log.level), createEngine: async () => engine });
  servers.push(server);
  const { configuration } = server;
  if (!configuration) throw new Error('There is no configuration.');
  return { server, configuration, memory, engine, said: () => memory.lines.map(({ message }) => message) };
}

async function publish({ url }: RunningServer, stream = 'cam'): Promise<Response> {
  return fetch(`${url}/whip/live/${stream}`, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: sampleOffer() });
}

describe('a reload', () => {
  test('applies what can be, names what cannot, and touches no live session', async () => {
    const { server, configuration, engine, said } = await start();
    expect((await publish(server)).status).toBe(201);
    await write('limits: { maxSessions: 1 }\nlog: { level: debug }\nstreams: { takeover: never }\npaths: { live/*: { maxReaders: 1 } }\n', BASE.replace('demo: false', 'demo: true').replace('rtc: { port: 0 }', 'rtc: { port: 0, tcp: false }'));
    const { applied, needsRestart } = await configuration.reload();
    expect(applied.toSorted()).toEqual(['limits.maxSessions', 'log.level', 'paths', 'streams.takeover']);
    expect(needsRestart.toSorted()).toEqual(['demo', 'rtc.tcp']);
    expect(said()).toContain('Changed, but counts only after a restart: rtc.tcp, demo');
    expect(engine.lastTransport.state).not.toBe('closed');
    expect((await publish(server, 'other')).status).toBe(503);
  });

  test('says again what waits for a restart, and is silent about what was applied', async () => {
    const { configuration } = await start();
    await write('limits: { maxSessions: 1 }\ntimeouts: { hookMs: 5 }\n', BASE.replace('demo: false', 'demo: true'));
    await configuration.reload();
    expect(await configuration.reload()).toEqual({ applied: [], needsRestart: ['demo'], ignored: [] });
    await write('');
    expect(await configuration.reload()).toEqual({ applied: ['limits.maxSessions', 'timeouts.hookMs'], needsRestart: [], ignored: [] });
  });

  test('gives HTTP its new settings, and leaves sessions their tags', async () => {
    const { server, configuration } = await start();
    const published = await publish(server);
    const location = new URL(published.headers.get('location') ?? '', server.url);
    await write('', BASE.replace('http: { port: 0 }', 'http: { port: 0, streamList: false, iceServers: [{ urls: "stun:stun.example" }] }'));
    expect((await configuration.reload()).applied).toEqual(['http.iceServers', 'http.streamList']);
    expect((await fetch(`${server.url}/api/v1/streams`)).status).toBe(404);
    expect((await publish(server, 'other')).headers.get('link')).toContain('stun:stun.example');
    const patch = { method: 'PATCH', headers: { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': published.headers.get('etag') ?? '' }, body: 'a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n' };
    expect((await fetch(location, patch)).status).toBe(204);
  });

  test('that names another address to listen on tells strangers no more than before', async () => {
    const open = BASE.replace('port: 0', 'port: 0, host: 0.0.0.0');
    await write('', open);
    const store = await ConfigStore.open({ cwd: folder });
    const server = await startServer(store.loaded.config, { store, folder, logger: new MemoryLogger(), createEngine: async () => fakeEngine() });
    servers.push(server);
    const streams = async () => (await fetch(`http://127.0.0.1:${server.httpPort}/api/v1/streams`)).status;
    expect(await streams()).toBe(404);
    await write('', BASE.replace('port: 0', 'port: 0, iceServers: [{ urls: "stun:stun.example" }]'));
    expect((await server.configuration?.reload())?.applied).toEqual(['http.iceServers']);
    expect(await streams()).toBe(404);
  });

  test('that opens publishing to all on an address that others reach says so, as the start did', async () => {
    const base = BASE.replace('port: 0', 'port: 0, host: 0.0.0.0');
    const warnings = () => said().filter((message) => message.startsWith('PUBLISHING IS OPEN TO ALL')).length;
    await write('auth: { publish: { keys: [a-key-of-mine] } }\n', base);
    const store = await ConfigStore.open({ cwd: folder });
    const memory = new MemoryLogger();
    const said = () => memory.lines.map(({ message }) => message);
    const server = await startServer(store.loaded.config, { store, folder, logger: memory, createEngine: async () => fakeEngine() });
    servers.push(server);
    expect(warnings()).toBe(0);
    await write('hooks: { onPublish: "http://127.0.0.1:1/" }\n', base);
    await server.configuration?.reload();
    expect(warnings()).toBe(0);
    await write('', base);
    await server.configuration?.reload();
    expect(warnings()).toBe(1);
  });

  test('gives plugins their options, and takes them back when a later one refuses', async () => {
    await writeFile(path.join(folder, 'first.mjs'), pluginFile('first', '(options) => void globalThis.sluiceTaken.push(options)'));
    await writeFile(path.join(folder, 'second.mjs'), pluginFile('second', '() => { throw Object.assign(new Error("No such key."), { name: "MediaError", code: "CONFIG_INVALID", status: 500 }); }'));
    const taken: unknown[] = [];
    Object.assign(globalThis, { sluiceTaken: taken });
    const list = (first: number, second: number) => `plugins: [{ package: ./first.mjs, options: ${first} }, { package: ./second.mjs, options: ${second} }]\nlimits: { maxSessions: ${first} }\n`;
    const { server, configuration } = await start(list(1, 1));
    await write(`${list(2, 2)}auth: { publish: { keys: [a-key-of-mine] } }\n`);
    await expect(configuration.reload()).rejects.toMatchObject({ code: 'CONFIG_INVALID', plugin: 'second', message: 'No such key.' });
    expect(taken).toEqual([2, 1]);
    expect((await publish(server)).status).toBe(201);
    await write(list(3, 1));
    expect((await configuration.reload()).applied).toEqual(['plugins', 'limits.maxSessions']);
    expect(taken).toEqual([2, 1, 3]);
  });

  test('of another plugin needs a restart, and so do options of one that cannot take them', async () => {
    await writeFile(path.join(folder, 'fixed.mjs'), `export default () => ({ api: 1, name: 'fixed' });`);
    const { configuration } = await start('plugins: [./fixed.mjs]');
    await write('plugins: [{ package: ./fixed.mjs, options: 1 }]');
    expect(await configuration.reload()).toMatchObject({ applied: [], needsRestart: ['plugins'] });
    await write('plugins: []');
    expect(await configuration.reload()).toMatchObject({ applied: [], needsRestart: ['plugins'] });
  });

  test('takes other rules of access', async () => {
    const { server, configuration } = await start();
    await write('auth: { publish: { keys: [a-key-of-mine] } }');
    expect((await configuration.reload()).applied).toEqual(['auth.publish.keys']);
    expect((await publish(server)).status).toBe(401);
  });
});

function pluginFile(name: string, reconfigure: string): string {
  return `export default () => ({ api: 1, name: '${name}', reconfigure: ${reconfigure} });`;
}

describe('settings of a path', () => {
  const play = ({ url }: RunningServer, stream: string) => fetch(`${url}/whep/live/${stream}`, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: sampleOffer() });

  test('count for its streams, and a reload changes them for who comes next', async () => {
    const { server, configuration, engine } = await start('streams: { maxStreamWaitMs: 0 }\npaths: { live/one: { maxReaders: 1, codecs: { video: [H264] } } }\n');
    for (const stream of ['one', 'two']) {
      await publish(server, stream);
      engine.lastTransport.setState('connected');
    }
    expect(engine.transports[0]?.answered?.capabilities.video?.codecs.map(({ name }) => name)).toEqual(['H264', 'H264']);
    expect(engine.transports[1]?.answered?.capabilities.video?.codecs.map(({ name }) => name)).toContain('VP8');
    expect([(await play(server, 'one')).status, (await play(server, 'one')).status, (await play(server, 'two')).status]).toEqual([201, 503, 201]);
    await write('streams: { maxStreamWaitMs: 0 }\npaths: { live/t*: { maxReaders: 1 } }\n');
    expect((await configuration.reload()).applied).toEqual(['paths']);
    expect([(await play(server, 'one')).status, (await play(server, 'two')).status, (await play(server, 'absent')).status]).toEqual([201, 503, 404]);
  });
});

describe('SIGHUP', () => {
  test('reloads; a wrong file keeps the old configuration and says why', async () => {
    const { configuration, memory, said, server } = await start();
    const signals = new EventEmitter();
    reloadOnSignal({ configuration, logger: memory, signals });
    await write('limits: { maxSessions: 0 }');
    signals.emit('SIGHUP');
    await expect.poll(said).toContain('The configuration has changed: limits.maxSessions');
    expect((await publish(server)).status).toBe(503);
    await write('limits: { maxSesions: 1 }');
    signals.emit('SIGHUP');
    await expect.poll(said).toContain(
      `The configuration stays as it is, because the new one is wrong: ${path.join(folder, 'sluice.config.yaml')}:4: there is no setting "limits.maxSesions"; did you mean "limits.maxSessions"?`,
    );
    expect((await publish(server)).status).toBe(503);
  });
});

describe('a change through the API', () => {
  test('counts at once, and after a restart', async () => {
    const first = await start('stateFile: state.json\n');
    expect(await first.configuration.set({ limits: { maxSessions: 0 } })).toEqual({ applied: ['limits.maxSessions'], needsRestart: [], ignored: [] });
    expect((await publish(first.server)).status).toBe(503);
    await first.server.close();
    const again = await start('stateFile: state.json\n');
    expect((await publish(again.server)).status).toBe(503);
    expect(again.configuration.print().entries).toContainEqual({ key: 'limits.maxSessions', value: 0, source: 'state', from: expect.stringContaining('state.json:3') });
  });

  test('may have the names of a config.ini', async () => {
    const { configuration } = await start();
    expect(await configuration.setIni({ 'general.maxStreamWaitMS': '7', 'rtmp.port': '1935' })).toEqual({ applied: ['streams.maxStreamWaitMs'], needsRestart: [], ignored: ['rtmp.port'] });
    expect(configuration.printIni()).toMatchObject({ 'general.maxStreamWaitMS': '7' });
  });
});

test('a host without sources gives a whole configuration', async () => {
  let ctx: PluginContext | undefined;
  const probe = definePlugin(() => ({ name: 'probe', setup: (given) => void (ctx = given) }))();
  const { server } = await start('', [probe]);
  const store = await ConfigStore.open({ cwd: folder });
  const next = { ...store.loaded.config, plugins: [probe], paths: { '*': { maxReaders: 2 } } };
  expect(await server.reconfigure(next)).toMatchObject({ applied: ['paths'], needsRestart: [] });
  expect(ctx?.pathSettings({ vhost: 'v', app: 'a', stream: 's' })).toEqual({ maxReaders: 2 });
});
