import { MediaError, type StreamProxies, type StreamProxyRequest, definePlugin, streamProxies } from '@sluice/core';
import { fakeDiagnosis } from '@sluice/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Configuration } from '../../configuration.ts';
import { type Fixture, type FixtureOptions, OFFER, createFixture } from '../../testing/fixture.ts';

const SECRET = 'a-secret-of-some-length';
const NAME = 'schema=rtc&vhost=__defaultVhost__&app=live&stream=a';

type Answer = Record<string, unknown> & { code: number };

async function ask({ app }: Fixture, name: string, query = '', init?: RequestInit): Promise<Answer> {
  const response = await app.request(`/index/api/${name}?secret=${SECRET}&${query}`, init);
  expect([name, response.status]).toEqual([name, 200]);
  return (await response.json()) as Answer;
}

function create(http: FixtureOptions['http'] = {}, prepare?: FixtureOptions['prepare']) {
  return createFixture({ http: { adminToken: SECRET, ...http }, ...(prepare ? { prepare } : {}) });
}

/** A publisher of live/a, connected from 198.51.100.4, and a viewer. */
async function live(fixture: Fixture) {
  const open = async (type: string) => {
    await fixture.app.request(`/index/api/webrtc?app=live&stream=a&type=${type}`, { method: 'POST', body: OFFER });
    return fixture.manager.sessions.list().at(-1)!;
  };
  const publisher = await open('push');
  const pair = { protocol: 'udp', local: { address: '192.0.2.7', port: 8000 }, remote: { address: '198.51.100.4', port: 40_000 }, nominated: true, since: 0, moves: 0 } as const;
  fixture.engine.transports[0]!.diagnosis = () => fakeDiagnosis({ pair });
  return { publisher, viewer: await open('play') };
}

const NAMES = ['getMediaList', 'getMediaInfo', 'isMediaOnline', 'getMediaPlayerList', 'close_stream', 'close_streams', 'getAllSession', 'kick_session', 'kick_sessions', 'getServerConfig', 'setServerConfig', 'getStatistic', 'getThreadsLoad', 'version', 'addStreamProxy', 'delStreamProxy', 'listStreamProxy'];

test.each(NAMES)('%s is refused without the secret, also when none is configured', async (name) => {
  await using fixture = await create();
  await using open = await createFixture();
  for (const [{ app }, query] of [[fixture, ''], [fixture, '?secret='], [fixture, '?secret=wrong'], [open, ''], [open, '?secret='], [open, '?secret=undefined']] as const) {
    const response = await app.request(`/index/api/${name}${query}`);
    expect([response.status, await response.json()]).toEqual([200, { code: -100, msg: expect.any(String) }]);
  }
});

test('a stream is listed with who publishes it', async () => {
  await using fixture = await create();
  const { publisher } = await live(fixture);
  const row = { schema: 'rtc', vhost: '__defaultVhost__', app: 'live', stream: 'a', originType: 8, originSock: { identifier: publisher.id, local_port: 8000, peer_ip: '198.51.100.4' }, tracks: [{ codec_id_name: 'opus' }, { codec_id_name: 'VP8' }] };
  expect(await ask(fixture, 'getMediaList')).toMatchObject({ code: 0, data: [row] });
  expect(await ask(fixture, 'getMediaList', 'app=live&stream=&schema=rtc')).toMatchObject({ data: [row] });
  for (const query of ['schema=rtmp', 'app=other', 'stream=b', 'vhost=x']) expect(await ask(fixture, 'getMediaList', query)).toEqual({ code: 0, data: [] });
  expect(await ask(fixture, 'getMediaInfo', NAME)).toMatchObject({ code: 0, online: true, ...row });
  expect(await ask(fixture, 'getMediaInfo', NAME.replace('stream=a', 'stream=b'))).toMatchObject({ code: -500 });
  expect(await ask(fixture, 'isMediaOnline', NAME)).toEqual({ code: 0, online: true });
  expect(await ask(fixture, 'isMediaOnline', NAME.replace('rtc', 'hls'))).toEqual({ code: 0, online: false });
  expect(await ask(fixture, 'isMediaOnline', 'schema=rtc&app=live')).toEqual({ code: -300, msg: 'The argument stream is missing.' });
});

test('parameters come from the query, a form or JSON', async () => {
  await using fixture = await create();
  await live(fixture);
  const { app } = fixture;
  const forms = [
    new URLSearchParams({ secret: SECRET, app: 'live' }),
    { type: 'application/json', text: JSON.stringify({ secret: SECRET, app: 'live', force: 1 }) },
  ];
  for (const form of forms) {
    const init = form instanceof URLSearchParams ? { body: form } : { body: form.text, headers: { 'content-type': form.type } };
    const response = await app.request('/index/api/getMediaList', { method: 'POST', ...init });
    expect(await response.json()).toMatchObject({ code: 0, data: [{ stream: 'a' }] });
  }
});

test('viewers of a stream are listed, and sessions by address', async () => {
  await using fixture = await create();
  const { publisher, viewer } = await live(fixture);
  expect(await ask(fixture, 'getMediaPlayerList', NAME)).toMatchObject({ code: 0, data: [{ identifier: viewer.id }] });
  expect(await ask(fixture, 'getAllSession')).toMatchObject({ data: [{ id: publisher.id }, { id: viewer.id }] });
  expect(await ask(fixture, 'getAllSession', 'peer_ip=198.51.100.4&local_port=8000')).toMatchObject({ data: [{ id: publisher.id, peer_port: 40_000 }] });
});

test('a session that is kicked has really ended', async () => {
  await using fixture = await create();
  const { publisher, viewer } = await live(fixture);
  expect(await ask(fixture, 'kick_session', `id=${viewer.id}`)).toEqual({ code: 0, msg: 'success' });
  expect(viewer.session.closed).toBe(true);
  expect(await ask(fixture, 'kick_session', `id=${viewer.id}`)).toEqual({ code: -500, msg: 'id not found' });
  expect(await ask(fixture, 'kick_sessions', 'peer_ip=192.0.2.99')).toMatchObject({ count_hit: 0 });
  expect(await ask(fixture, 'kick_sessions', 'peer_ip=198.51.100.4')).toMatchObject({ code: 0, count_hit: 1 });
  expect([publisher.session.closed, fixture.manager.streams.list()]).toEqual([true, []]);
});

test('a stream that is watched is closed by force only', async () => {
  await using fixture = await create();
  const { publisher } = await live(fixture);
  fixture.manager.streams.list()[0]!.addReader({ sessionId: 'x', onEnded: () => undefined });
  expect(await ask(fixture, 'close_stream', NAME)).toMatchObject({ code: -1, result: -1 });
  expect(await ask(fixture, 'close_streams', 'app=live')).toEqual({ code: 0, count_hit: 1, count_closed: 0 });
  expect(await ask(fixture, 'close_streams', 'app=other&force=1')).toEqual({ code: 0, count_hit: 0, count_closed: 0 });
  expect(await ask(fixture, 'close_stream', `${NAME}&force=1`)).toEqual({ code: 0, result: 0, msg: 'success' });
  expect(publisher.session.closed).toBe(true);
  expect(await ask(fixture, 'close_stream', NAME)).toMatchObject({ code: -1, result: -2 });
});

test('settings are shown and changed by their names in config.ini', async () => {
  const set: unknown[] = [];
  const configuration: Pick<Configuration, 'printIni' | 'setIni'> = {
    printIni: () => ({ 'api.secret': '***', 'hook.timeoutSec': '10' }),
    async setIni(values) {
      set.push(values);
      if (values['hook.timeoutSec'] === 'x') throw new MediaError('CONFIG_INVALID', 'hook.timeoutSec must be a number.');
      return { applied: ['hooks.timeoutMs'], needsRestart: [], ignored: [] };
    },
  };
  await using fixture = await create({ configuration: configuration as Configuration });
  expect(await ask(fixture, 'getServerConfig')).toEqual({ code: 0, data: [{ 'api.secret': '***', 'hook.timeoutSec': '10' }] });
  expect(await ask(fixture, 'setServerConfig', 'hook.timeoutSec=5')).toMatchObject({ code: 0, changed: 1 });
  expect(set).toEqual([{ 'hook.timeoutSec': '5' }]);
  expect(await ask(fixture, 'setServerConfig', 'hook.timeoutSec=x')).toEqual({ code: -300, msg: 'hook.timeoutSec must be a number.' });
});

test('figures of the server', async () => {
  await using fixture = await create({ version: '1.2.3' });
  await live(fixture);
  expect(await ask(fixture, 'getStatistic')).toMatchObject({ code: 0, data: { MediaSource: 1, UdpSession: 2 } });
  for (let round = 0; round < 2; round++) expect(await ask(fixture, 'getThreadsLoad')).toMatchObject({ code: 0, data: [{ load: expect.any(Number), delay: expect.any(Number) }] });
  expect(await ask(fixture, 'version')).toMatchObject({ code: 0, data: { branchName: 'sluice', commitHash: '1.2.3' } });
});

test('streams of other servers are pulled, listed and given up', async () => {
  const added: StreamProxyRequest[] = [];
  const proxies: StreamProxies = {
    add: async (request) => {
      added.push(request);
      return proxy;
    },
    remove: (id) => id === proxy.id,
    list: () => [proxy],
  };
  const stream = { vhost: '__defaultVhost__', app: 'live', stream: 'far' };
  const proxy = { id: '__defaultVhost__/live/far', stream, origin: { type: 'pull', url: 'https://example.com/whep/a', state: 'live' }, onDemand: false, createdAt: 0 } as const;
  const pull = definePlugin(() => ({ name: 'pull', setup: (ctx) => void ctx.contribute(streamProxies, proxies) }));
  await using fixture = await create({}, (manager) => void manager.registerPlugin(pull()));
  const query = new URLSearchParams({ app: 'live', stream: 'far', url: 'https://example.com/whep/a', retry_count: '-1', token: 't' }).toString();
  expect(await ask(fixture, 'addStreamProxy', query)).toEqual({ code: 0, data: { key: proxy.id } });
  expect(added).toEqual([{ stream, source: { whep: 'https://example.com/whep/a', token: 't' }, maxRetries: undefined }]);
  expect(await ask(fixture, 'addStreamProxy', 'app=a&stream=b&url=rtmp://x')).toMatchObject({ code: -300 });
  expect(await ask(fixture, 'listStreamProxy')).toMatchObject({ data: [{ key: proxy.id, status: 0, src: stream }] });
  expect(await ask(fixture, 'delStreamProxy', `key=${proxy.id}`)).toEqual({ code: 0, data: { flag: true } });
  expect(await ask(fixture, 'delStreamProxy', 'key=x')).toEqual({ code: 0, data: { flag: false } });
  await using without = await create();
  expect(await ask(without, 'addStreamProxy', query)).toMatchObject({ code: -500 });
});

test('a name that does not exist is said in the form of this API', async () => {
  await using fixture = await create();
  expect(await ask(fixture, 'noSuchThing')).toEqual({ code: -500, msg: expect.stringContaining('noSuchThing') });
});

test('whatever stands in a query, the answer has an integer code', async () => {
  await using fixture = await create();
  await live(fixture);
  const name = fc.oneof(fc.constantFrom('schema', 'vhost', 'app', 'stream', 'id', 'force', 'key', 'url', 'peer_ip', 'retry_count', '__proto__'), fc.string());
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...NAMES), fc.array(fc.tuple(name, fc.string({ unit: 'binary' })), { maxLength: 6 }), async (command, pairs) => {
      const query = new URLSearchParams(pairs.map(([left, right]): [string, string] => [left.toWellFormed(), right.toWellFormed()])).toString();
      expect(Number.isInteger((await ask(fixture, command, query)).code)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
