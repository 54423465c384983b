import { once } from 'node:events';
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_VHOST, type StreamProxies, WebRtcPluginManager, metrics, pathResolver, streamProxies, streamKeyText } from '@sluice/core';
import { type FakeTransport, MemoryLogger, fakeEngine, rejectionOf, sampleAccessRequest } from '@sluice/core/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import pull, { type PullOptions } from './index.ts';

const KEY = { vhost: DEFAULT_VHOST, app: 'live', stream: 'test' };
const ANSWER = 'v=0\r\no=- 2 1 IN IP4 127.0.0.1\r\n';
/** What viewers are told, whatever the other server says. */
const NOT_STARTED = 'The stream could not be started; the log of the server says why.';
const DEADLINE = { timeout: 5_000, interval: 5 };

interface SetUpOptions extends PullOptions {
  /** Whether media can flow by itself when the answer is there. Default true. */
  readonly connects?: boolean;
}

/** A server that pulls live/test, and a scripted one that it pulls from. */
async function setUp(script: RequestListener, { connects = true, ...options }: SetUpOptions = {}) {
  const requests: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    authorizations.push(request.headers.authorization);
    request.resume().on('end', () => script(request, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const engine = fakeEngine();
  const createTransport = engine.createTransport.bind(engine);
  vi.spyOn(engine, 'createTransport').mockImplementation((transportOptions) => {
    const transport = createTransport(transportOptions);
    const accept = transport.accept.bind(transport);
    vi.spyOn(transport, 'accept').mockImplementation(async (answer) => {
      await accept(answer);
      transport.addTrack('video');
      if (connects) transport.setState('connected');
    });
    return transport;
  });
  const logger = new MemoryLogger();
  const paths = pathResolver({ 'live/*': { source: { whep: `http://127.0.0.1:${port}/whep/{app}/{stream}?key=hidden`, token: 'secret' } } });
  const manager = new WebRtcPluginManager({ engine, logger, paths, streams: { noneReaderDelayMs: 30 } });
  manager.registerPlugin(pull({ backoffMs: 1, maxBackoffMs: 20, maxRetries: 3, ...options }));
  await manager.ready();
  onTestFinished(async () => {
    await manager.close();
    server.closeAllConnections();
    server.close();
  });
  const proxies = (): StreamProxies => manager.contributions(streamProxies)[0]?.value as StreamProxies;
  const view = () => manager.streams.waitFor(sampleAccessRequest(), new AbortController().signal);
  const givenUpBecause = () => logger.lines.find(({ message }) => message === 'The pull is given up')?.fields['reason'];
  const source = { whep: `http://127.0.0.1:${port}/whep/live/test` };
  return { manager, engine, logger, requests, authorizations, proxies, view, givenUpBecause, source };
}

const serve: RequestListener = (request, response) => {
  if (request.method === 'POST') response.writeHead(201, { 'content-type': 'application/sdp', location: '/session' }).end(ANSWER);
  else response.writeHead(200).end();
};
const answer = (status: number, headers: Record<string, string> = {}, body = ''): RequestListener => (_request, response) => void response.writeHead(status, headers).end(body);

/** Answers by the first script, then by the second and so on, the last one for good. */
function inTurn(...scripts: RequestListener[]): RequestListener {
  return (request, response) => {
    if (request.method !== 'POST') return serve(request, response);
    const script = scripts.length > 1 ? scripts.shift() : scripts[0];
    script?.(request, response);
  };
}

describe('a stream whose path has a source', () => {
  test('is pulled for its viewers with the token, and ended here and there when nobody watches', async () => {
    const fixture = await setUp(serve);
    const stream = await fixture.view();
    expect(stream.tracks.map(({ kind }) => kind)).toEqual(['video']);
    expect(stream.origin).toMatchObject({ type: 'pull', state: 'live', lastError: undefined, url: expect.stringMatching(/\/whep\/live\/test$/) });
    expect(fixture.proxies().list()).toMatchObject([{ id: streamKeyText(KEY), onDemand: true, origin: { state: 'live' } }]);
    const leave = stream.addReader({ sessionId: 'viewer', onEnded: () => undefined });
    leave();
    await vi.waitUntil(() => fixture.requests.length === 2, DEADLINE);
    expect(fixture.requests).toEqual(['POST /whep/live/test?key=hidden', 'DELETE /session']);
    expect(fixture.authorizations).toEqual(['Bearer secret', 'Bearer secret']);
    expect(fixture.proxies().list()).toEqual([]);
    expect(fixture.engine.transportCount).toBe(0);
    expect(JSON.stringify(fixture.logger.lines)).not.toMatch(/secret|hidden/);
  });

  test('is tried again until the other server has it', async () => {
    const fixture = await setUp(inTurn(answer(404), answer(503, { 'retry-after': '0' }), answer(200, { 'content-type': 'text/html' }, '<html>'), serve));
    expect((await fixture.view()).origin).toMatchObject({ state: 'live', failedAttempts: 3 });
    expect(fixture.requests).toHaveLength(4);
    expect(fixture.engine.transportCount).toBe(1);
  });

  test('is given up in the end, which its viewers are told, and why the log', async () => {
    const fixture = await setUp(answer(404, { 'content-type': 'text/plain' }, 'where /srv/secret is'));
    const error = await rejectionOf(fixture.view());
    expect(error).toMatchObject({ code: 'STREAM_NOT_FOUND', message: NOT_STARTED });
    expect(fixture.logger.lines).toContainEqual(expect.objectContaining({ message: 'The pull is given up', fields: expect.objectContaining({ failures: 4, reason: expect.stringContaining('answered 404: where /srv/secret is') }) }));
    expect(fixture.requests).toHaveLength(4);
    expect(fixture.engine.transportCount).toBe(0);
    expect(fixture.proxies().list()).toEqual([]);
  });

  test.each([
    ['401', answer(401), 'answered 401'],
    ['a redirect that loses the offer', answer(302, { location: '/' }), 'redirects with 302'],
  ])('is given up at once after %s', async (_what, script, words) => {
    const fixture = await setUp(script);
    await expect(fixture.view()).rejects.toMatchObject({ code: 'STREAM_NOT_FOUND', message: NOT_STARTED });
    expect(fixture.givenUpBecause()).toContain(words);
    expect(fixture.requests).toHaveLength(1);
  });

  test('is offered with fewer kinds to a server that does not take all', async () => {
    const fixture = await setUp(inTurn(answer(406), serve));
    expect((await fixture.view()).origin).toMatchObject({ state: 'live', failedAttempts: 0 });
    expect(fixture.requests).toHaveLength(2);
  });

  test('is given up when the server hangs', async () => {
    const fixture = await setUp(() => undefined, { requestTimeoutMs: 20, maxRetries: 0 });
    await expect(fixture.view()).rejects.toMatchObject({ message: NOT_STARTED });
    expect(fixture.givenUpBecause()).toContain('did not answer within 20 ms');
  });

  test('is given up when media never flows, and the session there is deleted', async () => {
    const fixture = await setUp(serve, { connects: false, connectTimeoutMs: 20, maxRetries: 0 });
    await expect(fixture.view()).rejects.toMatchObject({ message: NOT_STARTED });
    expect(fixture.givenUpBecause()).toContain('no media connection came about');
    await vi.waitUntil(() => fixture.requests.includes('DELETE /session'), DEADLINE);
    expect(fixture.engine.transportCount).toBe(0);
  });

  test('is not pulled from an address inside when that is forbidden', async () => {
    const fixture = await setUp(serve, { privateAddresses: false, maxRetries: 0 });
    await expect(fixture.view()).rejects.toMatchObject({ message: NOT_STARTED });
    expect(fixture.givenUpBecause()).toContain('privateAddresses');
    expect(fixture.requests).toEqual([]);
  });

  test('is not pulled from an address inside that a hook names either', async () => {
    const fixture = await setUp(serve, { privateAddresses: false, maxRetries: 0 });
    fixture.manager.hook('stream-not-found', () => ({ source: fixture.source }));
    await expect(fixture.view()).rejects.toMatchObject({ message: NOT_STARTED });
    expect([fixture.requests, fixture.givenUpBecause()]).toEqual([[], expect.stringContaining('privateAddresses')]);
  });

  test('is not pulled beyond the limit', async () => {
    const fixture = await setUp(serve, { maxPulls: 0 });
    await expect(fixture.view()).rejects.toMatchObject({ code: 'SOURCE_LIMIT' });
  });
});

test('new options leave live pulls as they are, wrong ones change nothing', async () => {
  const fixture = await setUp(serve);
  await fixture.view();
  await fixture.manager.reconfigurePlugin('@sluice/plugin-pull', { privateAddresses: false, maxRetries: 0 });
  expect(fixture.proxies().list()).toHaveLength(1);
  const other = { ...KEY, stream: 'other' };
  await expect(fixture.proxies().add({ stream: other, source: fixture.source })).rejects.toMatchObject({ message: expect.stringContaining('privateAddresses') });
  for (const wrong of [{ maxPulls: -1 }, { privateAddresses: 'no' }, 'all']) {
    await expect(fixture.manager.reconfigurePlugin('@sluice/plugin-pull', wrong)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  }
});

test('a pull that is being tried is given up by new options', async () => {
  const fixture = await setUp(answer(404), { maxRetries: 1_000_000 });
  const failure = rejectionOf(fixture.view());
  await vi.waitUntil(() => fixture.requests.length > 1, DEADLINE);
  await fixture.manager.reconfigurePlugin('@sluice/plugin-pull', { backoffMs: 1, maxRetries: 0 });
  expect(await failure).toMatchObject({ code: 'STREAM_NOT_FOUND', message: NOT_STARTED });
});

test('a pull that breaks off comes back by new options only', async () => {
  const fixture = await setUp(serve);
  const proxy = await fixture.proxies().add({ stream: KEY, source: fixture.source });
  await fixture.manager.reconfigurePlugin('@sluice/plugin-pull', { backoffMs: 1, privateAddresses: false });
  expect(proxy.origin.state).toBe('live');
  fixture.engine.lastTransport.setState('closed', 'the peer has closed');
  await vi.waitUntil(() => proxy.origin.lastError?.includes('privateAddresses'), DEADLINE);
  expect(fixture.requests).toEqual(['POST /whep/live/test', 'DELETE /session']);
});

test('metrics count pulls by state, and what failed and was refused', async () => {
  const fixture = await setUp(inTurn(answer(404), serve), { maxPulls: 1 });
  await fixture.view();
  await expect(fixture.proxies().add({ stream: { ...KEY, stream: 'other' }, source: fixture.source })).rejects.toMatchObject({ code: 'SOURCE_LIMIT' });
  const families = (await fixture.manager.contributions(metrics)[0]?.value.collect()) ?? [];
  const values = families.flatMap(({ name, samples }) => samples.map((sample) => [name, 'value' in sample ? sample.value : 0]));
  expect(values).toEqual([['sluice_pulls', 0], ['sluice_pulls', 1], ['sluice_pulls', 0], ['sluice_pulls_started_total', 1], ['sluice_pull_failures_total', 1], ['sluice_pulls_refused_total', 1]]);
});

describe('a pull that breaks off', () => {
  const current = (fixture: Awaited<ReturnType<typeof setUp>>): FakeTransport => fixture.engine.lastTransport;

  test('comes back with its viewers', async () => {
    const fixture = await setUp(inTurn(serve, answer(404), serve));
    const stream = await fixture.view();
    const ended = vi.fn<(reason: string) => void>();
    const onTracks = vi.fn<(tracks: readonly unknown[]) => void>();
    stream.addReader({ sessionId: 'viewer', onEnded: ended, onTracks });
    current(fixture).setState('closed', 'the peer has closed');
    expect(stream.state).toBe('live');
    await vi.waitUntil(() => onTracks.mock.calls.length === 1, DEADLINE);
    expect(ended).not.toHaveBeenCalled();
    expect(stream.origin).toMatchObject({ state: 'live', lastError: undefined, failedAttempts: 2 });
    expect(onTracks.mock.calls[0]?.[0]).toEqual(current(fixture).inbound);
  });

  test('ends its viewers when it does not come back', async () => {
    const fixture = await setUp(inTurn(serve, answer(404)), { maxBackoffMs: 2 });
    const stream = await fixture.view();
    const ended = vi.fn<(reason: string) => void>();
    stream.addReader({ sessionId: 'viewer', onEnded: ended });
    current(fixture).setState('closed', 'the peer has closed');
    await vi.waitUntil(() => ended.mock.calls.length > 0, DEADLINE);
    expect(ended.mock.calls[0]?.[0]).toBe('its source failed');
    expect(fixture.givenUpBecause()).toContain('answered 404');
    expect(stream.state).toBe('ended');
    expect(fixture.engine.transportCount).toBe(0);
  });
});

describe('a pull that was asked for', () => {
  test('lives without viewers until it is removed', async () => {
    const fixture = await setUp(serve);
    const proxy = await fixture.proxies().add({ stream: KEY, source: fixture.source });
    expect(proxy).toMatchObject({ id: streamKeyText(KEY), onDemand: false, origin: { state: 'live' } });
    await expect(fixture.proxies().add({ stream: KEY, source: fixture.source })).rejects.toMatchObject({ code: 'STREAM_BUSY' });
    expect(fixture.manager.streams.find(KEY)).toBeDefined();
    expect([fixture.proxies().remove(proxy.id), fixture.proxies().remove(proxy.id)]).toEqual([true, false]);
    expect(fixture.manager.streams.find(KEY)).toBeUndefined();
    await vi.waitUntil(() => fixture.requests.includes('DELETE /session'), DEADLINE);
  });

  test('is forgotten when its first attempt fails', async () => {
    const fixture = await setUp(answer(404));
    await expect(fixture.proxies().add({ stream: KEY, source: fixture.source })).rejects.toMatchObject({ code: 'SOURCE_FAILED', message: expect.stringContaining('answered 404') });
    expect(fixture.proxies().list()).toEqual([]);
    expect(fixture.requests).toHaveLength(1);
  });

  test('is ended with the server', async () => {
    const fixture = await setUp(serve);
    await fixture.proxies().add({ stream: KEY, source: fixture.source });
    await fixture.manager.close();
    expect(fixture.requests).toContain('DELETE /session');
    expect(fixture.engine.transportCount).toBe(0);
  });
});
