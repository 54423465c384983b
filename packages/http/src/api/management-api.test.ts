import { type HookTargets, MediaError, definePlugin, hookTargets } from '@sluice/core';
import { fakeEngine } from '@sluice/core/testing';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Configuration } from '../configuration.ts';
import { callDescribed, operationIds } from '../testing/described-api.ts';
import { type Fixture, type FixtureOptions, OFFER, createFixture } from '../testing/fixture.ts';

const called = new Set<string>();

async function call(...args: Parameters<typeof callDescribed>) {
  const answer = await callDescribed(...args);
  if (answer.status < 300) called.add(answer.operationId);
  return answer;
}

/** Events are no JSON, and have tests of their own. */
afterAll(() => {
  const missing = operationIds.filter((id) => !called.has(id) && id !== 'listenToEvents');
  if (missing.length > 0) throw new Error(`No answer of these was compared with the document: ${missing.join(', ')}.`);
});

async function open({ app, manager }: Fixture, stream = 'a', type = 'push') {
  await app.request(`/index/api/webrtc?app=live&stream=${stream}&type=${type}`, { method: 'POST', body: OFFER });
  return manager.sessions.list().at(-1)!;
}

const change = { applied: ['log.level'], needsRestart: [], ignored: [] };

function configuration(changes: Partial<Configuration> = {}): Configuration {
  return {
    print: () => ({ file: '/etc/sluice.yaml', stateFile: undefined, entries: [{ key: 'http.adminToken', value: '***', source: 'file', from: '/etc/sluice.yaml:3' }] }),
    reload: async () => change,
    set: async () => change,
    printIni: () => ({}),
    setIni: async () => change,
    ...changes,
  };
}

const engine = {
  port: 8000,
  localCandidates: [{ protocol: 'udp', address: '192.0.2.7', port: 8000, type: 'host' }],
  stats: () => ({ ...fakeEngine().stats(), tier: 'native', dropped: { malformedStun: 5 } }),
};

const letters = ['one', 'two'].map((id) => ({ id, hook: 'session-closed', url: 'https://example.com/hook', failedAt: 1, attempts: 3, reason: 'refused' }));
const targets: HookTargets = {
  list: () => [{ hook: 'publish', url: 'https://example.com/hook?key=***', breaker: 'closed', asked: 3, failed: 1, latencyMs: 12.5, queueLength: 0, dropped: 0, deadLetters: 2, lastError: undefined }],
  deadLetters: () => letters,
  replay: (id) => letters.filter((letter) => id === undefined || letter.id === id).length,
  purgeCache: () => 7,
};

const hooking = definePlugin(() => ({ name: '@example/hooks', version: '2.0.0', setup: (ctx) => void ctx.contribute(hookTargets, targets) }));

function create(http: FixtureOptions['http'] = {}) {
  return createFixture({ http: { engine, configuration: configuration(), ...http }, prepare: (manager) => void manager.registerPlugin(hooking()) });
}

test('streams are listed, shown with who publishes and watches, and closed', async () => {
  await using fixture = await create();
  const publisher = await open(fixture);
  const viewer = await open(fixture, 'a', 'play');
  fixture.engine.transports[0]!.setState('connected');
  const key = { vhost: '__defaultVhost__', app: 'live', stream: 'a' };
  expect((await call(fixture, 'GET', '/streams')).body).toMatchObject([{ ...key, state: 'live', origin: 'push', tracks: [{ kind: 'audio', codec: 'opus' }, { kind: 'video' }] }]);
  const path = '/streams/__defaultVhost__/live/a';
  expect((await call(fixture, 'GET', path)).body).toMatchObject({ ...key, publisherSessionId: publisher.id, viewerSessionIds: [viewer.id], origin: { type: 'push', state: 'live' } });
  expect((await call(fixture, 'DELETE', path)).status).toBe(204);
  expect(publisher.session.closed).toBe(true);
  expect((await call(fixture, 'GET', path)).body).toMatchObject({ status: 404, code: 'STREAM_NOT_FOUND' });
  expect((await call(fixture, 'DELETE', path)).status).toBe(404);
});

test('a stream list that is not open is there for administrators, without leave for pages of others', async () => {
  await using fixture = await create();
  expect((await call(fixture, 'GET', '/streams')).headers.has('access-control-allow-origin')).toBe(false);
  await using open = await create({ streamList: true });
  expect((await call(open, 'GET', '/streams')).headers.get('access-control-allow-origin')).toBe('*');
});

test('sessions are listed, shown with their diagnosis, and ended', async () => {
  await using fixture = await create();
  const { id } = await open(fixture);
  expect((await call(fixture, 'GET', `/sessions/${id}`)).body).toMatchObject({ id, state: 'new', diagnosis: { dtls: { state: 'waiting' } } });
  expect((await call(fixture, 'DELETE', `/sessions/${id}`)).status).toBe(204);
  expect((await call(fixture, 'GET', `/sessions/${id}`)).body).toMatchObject({ id, reason: 'ended by an administrator' });
  expect((await call(fixture, 'GET', '/sessions')).body).toMatchObject([{ id, state: 'closed' }]);
  expect((await call(fixture, 'DELETE', `/sessions/${id}`)).body).toMatchObject({ code: 'SESSION_NOT_FOUND' });
});

test.each([
  ['role=viewer', ['play']],
  ['role=publisher', ['push']],
  ['type=echo', ['echo']],
  ['stream=a&app=live', ['play', 'push']],
  ['stream=b', []],
  ['ended=true', []],
  ['ended=false&state=new', ['echo', 'play', 'push']],
  ['address=127.0.0.1', []],
])('sessions are filtered by %s', async (query, types) => {
  await using fixture = await create();
  for (const type of ['push', 'play', 'echo']) await open(fixture, 'a', type);
  expect((await call(fixture, 'GET', `/sessions?${query}`)).body).toMatchObject(types.map((type) => ({ type })));
});

/** Follows the Link headers from page to page. */
async function pages(fixture: Fixture, first: string, between: () => Promise<unknown> | void = () => undefined): Promise<unknown[][]> {
  const all: unknown[][] = [];
  for (let path: string | undefined = first; path !== undefined; await between()) {
    const { body, headers } = await call(fixture, 'GET', path);
    all.push(body as unknown[]);
    const next: string | undefined = /^<(\?[^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
    path = next === undefined ? undefined : `${first.replace(/\?.*$/, '')}${next}`;
  }
  return all;
}

test('pages lead to each other, and keep their filters', async () => {
  await using fixture = await create();
  for (const stream of ['e', 'b', 'd', 'a', 'c']) await open(fixture, stream);
  await open(fixture, 'a', 'echo');
  const streams = await pages(fixture, '/streams?limit=2&app=live');
  expect(streams.map((page) => page.map((row) => (row as { stream: string }).stream))).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  expect((await pages(fixture, '/sessions?limit=2&role=publisher')).map((page) => page.length)).toEqual([2, 2, 1]);
});

test('no session is listed twice or left out while others come and go between two pages', async () => {
  await using fixture = await create();
  const ids = [];
  for (const stream of ['a', 'b', 'c', 'd', 'e', 'f']) ids.push((await open(fixture, stream)).id);
  const seen = await pages(fixture, '/sessions?limit=2&ended=false', () => open(fixture, 'new', 'echo').then(() => undefined));
  expect(seen.flat().map((row) => (row as { id: string }).id)).toEqual(ids.toReversed());
});

test.each(['limit=0', 'limit=1001', 'limit=x', 'cursor=x', 'cursor=WzFd'])('the list refuses %s', async (query) => {
  await using fixture = await create();
  const { body, status } = await call(fixture, 'GET', `/sessions?${query}`);
  expect([status, body]).toEqual([400, expect.objectContaining({ code: 'ARGUMENT_INVALID', detail: expect.stringContaining(query.split('=')[0]!) })]);
});

test('whatever stands in a query, the answer is one that is described', async () => {
  await using fixture = await create();
  await open(fixture);
  const name = fc.oneof(fc.constantFrom('limit', 'cursor', 'role', 'state', 'stream', 'app', 'ended', 'hook', 'address', '__proto__', 'constructor'), fc.string());
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer().map(String), fc.constantFrom('true', 'publisher', '1e9', '-0', '%', 'WyJhIixbMV1d'));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('/streams', '/sessions', '/hooks/dead-letters'), fc.array(fc.tuple(name, value), { maxLength: 6 }), async (path, pairs) => {
      // A lone surrogate is no text of a query.
      const query = new URLSearchParams(pairs.map(([left, right]): [string, string] => [left.toWellFormed(), right.toWellFormed()]));
      const { status } = await call(fixture, 'GET', `${path}?${query.toString()}`);
      expect([200, 400]).toContain(status);
    }),
    { numRuns: 300 },
  );
});

test('plugins are shown with version, hooks and the time of their setup', async () => {
  await using fixture = await create();
  expect((await call(fixture, 'GET', '/plugins')).body).toContainEqual(expect.objectContaining({ name: '@example/hooks', version: '2.0.0', setUpMs: 0 }));
  expect((await call(fixture, 'GET', '/plugins/%40example%2Fhooks')).body).toMatchObject({ name: '@example/hooks' });
  expect((await call(fixture, 'GET', '/plugins/other')).body).toMatchObject({ status: 404, code: 'PLUGIN_NOT_FOUND' });
});

test('hooks show their targets and dead letters, send those again, and forget answers', async () => {
  await using fixture = await create();
  expect((await call(fixture, 'GET', '/hooks')).body).toMatchObject([{ plugin: '@example/hooks', hook: 'publish', breaker: 'closed' }]);
  expect((await call(fixture, 'GET', '/hooks/dead-letters?limit=1')).headers.get('link')).toContain('rel="next"');
  expect((await call(fixture, 'GET', '/hooks/dead-letters?hook=publish')).body).toEqual([]);
  expect((await call(fixture, 'POST', '/hooks/dead-letters/replay')).body).toEqual({ replayed: 2 });
  expect((await call(fixture, 'POST', '/hooks/dead-letters/two/replay')).body).toEqual({ replayed: 1 });
  expect((await call(fixture, 'POST', '/hooks/dead-letters/three/replay')).body).toMatchObject({ code: 'DEAD_LETTER_NOT_FOUND' });
  expect((await call(fixture, 'DELETE', '/hooks/cache')).body).toEqual({ purged: 7 });
});

test('the configuration is shown, changed and read again', async () => {
  const patches: unknown[] = [];
  const set = async (patch: unknown) => {
    patches.push(patch);
    if (patches.length > 1) throw new MediaError('CONFIG_INVALID', 'log.level must be a level.');
    return change;
  };
  await using fixture = await create({ configuration: configuration({ set }) });
  expect((await call(fixture, 'GET', '/config')).body).toMatchObject({ file: '/etc/sluice.yaml', entries: [{ value: '***' }] });
  const patch = { method: 'PATCH', body: '{"log":{"level":"debug"}}', headers: { 'content-type': 'application/merge-patch+json' } };
  expect((await call(fixture, 'PATCH', '/config', patch)).body).toEqual(change);
  expect(patches).toEqual([{ log: { level: 'debug' } }]);
  expect((await call(fixture, 'PATCH', '/config', patch)).body).toMatchObject({ status: 400, detail: 'log.level must be a level.' });
  for (const body of ['', '[]', 'null', '{"a":']) expect((await call(fixture, 'PATCH', '/config', { body })).status).toBe(400);
  expect((await call(fixture, 'PATCH', '/config', { body: JSON.stringify({ a: 'x'.repeat(200_000) }) })).status).toBe(413);
  expect((await call(fixture, 'POST', '/config/reload')).body).toEqual(change);
  await using without = await createFixture();
  expect((await call(without, 'GET', '/config')).body).toMatchObject({ status: 404, code: 'CONFIG_UNAVAILABLE' });
});

test('a defect in a part behind the API is described too, and says nothing of itself', async () => {
  await using fixture = await create({
    configuration: configuration({
      print() {
        throw new Error('/etc/secret');
      },
    }),
  });
  const { body, status } = await call(fixture, 'GET', '/config');
  expect([status, JSON.stringify(body).includes('secret')]).toEqual([500, false]);
});

test('figures of process, sessions and media plane', async () => {
  await using fixture = await create({ version: '1.2.3' });
  await open(fixture);
  expect((await call(fixture, 'GET', '/stats')).body).toMatchObject({
    version: '1.2.3',
    process: { pid: process.pid, node: process.version },
    sessions: { open: 1, publishers: 1, viewers: 0 },
    streams: { live: 1 },
    counters: { sessionsOpened: 1 },
    engine: { tier: 'native' },
  });
  expect((await call(fixture, 'GET', '/media')).body).toEqual({ port: 8000, localCandidates: engine.localCandidates, stats: engine.stats() });
  await using without = await createFixture();
  expect((await call(without, 'GET', '/media')).body).toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
});

test('every route for administrators refuses everybody else', async () => {
  await using fixture = await create();
  for (const [method, path] of [['GET', '/sessions'], ['DELETE', '/streams/a/b/c'], ['GET', '/plugins'], ['GET', '/hooks'], ['PATCH', '/config'], ['GET', '/stats'], ['GET', '/media'], ['POST', '/drain']] as const) {
    const answer = await call(fixture, method, path, { headers: { authorization: 'Bearer wrong' } });
    expect([method, path, answer.body]).toEqual([method, path, expect.objectContaining({ status: 401, code: 'UNAUTHORISED' })]);
  }
});

test('the document and its page are open, and load nothing', async () => {
  await using fixture = await create();
  const document: unknown = await (await fixture.app.request('/api/v1/openapi.json')).json();
  expect(document).toMatchObject({ openapi: '3.1.0', paths: { '/sessions/{id}': { delete: { operationId: 'closeSession' } } } });
  const page = await fixture.app.request('/api/v1/docs');
  const text = await page.text();
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(text).not.toMatch(/<script|src=|https?:\/\/(?!localhost)/);
  for (const id of operationIds) expect(text).toContain(`id="${id}"`);
});

test('a drain says what is left to end', async () => {
  await using fixture = await create();
  await open(fixture);
  expect(await call(fixture, 'POST', '/drain')).toMatchObject({ status: 200, body: { phase: 'draining', sessions: 1 } });
});
