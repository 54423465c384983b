import { type HttpRoute, MediaError, type Undo, type WebRtcPlugin, definePlugin, httpRoutes } from '@sluice/core';
import { EMPTY_TRACK_STATS, FakeTrack, MemoryLogger } from '@sluice/core/testing';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { createApp } from './app.ts';
import { OFFER, createFixture } from './testing/fixture.ts';

describe('CORS', () => {
  test.each([
    { method: 'POST', path: '/index/api/webrtc?type=nope' },
    { method: 'POST', path: '/index/api/whip' },
    { method: 'DELETE', path: '/index/api/delete_webrtc?id=a&token=b' },
    { method: 'POST', path: '/whip/live/cam' },
    { method: 'GET', path: '/whep/live/cam' },
    { method: 'PATCH', path: '/whip/session/a/b' },
    { method: 'PUT', path: '/whip/live/cam' },
    { method: 'GET', path: '/healthz' },
    { method: 'GET', path: '/api/v1/streams' },
    { method: 'GET', path: '/index/api/unknown' },
  ])('$method $path can be read by every page, errors too', async ({ method, path }) => {
    await using fixture = await createFixture({ http: { streamList: true } });
    const { headers } = await fixture.app.request(path, { method });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    const exposed = headers.get('access-control-expose-headers');
    for (const name of ['Location', 'ETag', 'Link', 'Access-Control-Allow-Methods']) expect(exposed).toContain(name);
    expect(headers.get('access-control-allow-methods')).toContain('PATCH');
  });

  test.each([
    '/index/api/webrtc',
    '/index/api/whip',
    '/index/api/whep',
    '/index/api/delete_webrtc?id=a&token=b',
    '/whip/live/cam',
    '/whep/live/cam?token=abc',
    '/whip/session/a/b',
    '/api/v1/streams',
    '/healthz',
  ])('the preflight for %s is answered without credentials', async (path) => {
    await using fixture = await createFixture({ http: { streamList: true } });
    const headers = {
      origin: 'https://page.example',
      'access-control-request-method': 'DELETE',
      'access-control-request-headers': 'authorization,content-type,if-match',
    };
    const response = await fixture.app.request(path, { method: 'OPTIONS', headers });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-methods')).toContain('DELETE');
    for (const name of ['Authorization', 'Content-Type', 'If-Match']) {
      expect(response.headers.get('access-control-allow-headers')).toContain(name);
    }
  });
});

describe('unknown and broken', () => {
  test.each(['/', '/nowhere', '/whip', '/whip/only-app', '/%ff', '//'])('%s is a 404 problem', async (path) => {
    await using fixture = await createFixture();
    const response = await fixture.app.request(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status: 404, title: 'Not Found' });
  });

  test('an error of our own tells the client nothing and the log everything', async () => {
    const logger = new MemoryLogger();
    await using fixture = await createFixture({ http: { logger, streamList: true } });
    fixture.manager.streams.list = () => {
      throw new Error('/srv/app/secret.ts is gone');
    };
    const response = await fixture.app.request('/api/v1/streams');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect(JSON.stringify(logger.lines.map(({ fields }) => String(fields['err'])))).toContain('secret');
  });
});

test('GET /healthz', async () => {
  await using fixture = await createFixture();
  const response = await fixture.app.request('/healthz');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ok' });
});

describe('GET /api/v1/streams', () => {
  test('does not exist unless it is allowed', async () => {
    await using fixture = await createFixture();
    expect((await fixture.app.request('/api/v1/streams')).status).toBe(404);
  });

  test('lists live streams with their tracks', async () => {
    await using fixture = await createFixture({ http: { streamList: true } });
    const video = new FakeTrack('v', 'video');
    video.stats = () => ({ ...new FakeTrack('x', 'video').stats(), bitrate: 1_000, frameWidth: 640, frameHeight: 360, packetsReceived: 7, packetsLost: 1 });
    const key = { vhost: 'v', app: 'live', stream: 'cam' };
    const publication = fixture.manager.streams.publish(key, { tracks: [video, new FakeTrack('a', 'audio')], close: () => undefined });
    expect(await (await fixture.app.request('/api/v1/streams')).json()).toEqual([]);
    publication.live();
    publication.stream.addReader({ sessionId: 's', onEnded: () => undefined });
    expect(await (await fixture.app.request('/api/v1/streams')).json()).toEqual([
      {
        ...key,
        origin: 'push',
        state: 'live',
        liveSince: publication.stream.liveSince,
        readers: 1,
        totalReaders: 1,
        tracks: [
          { kind: 'video', codec: 'VP8', ...EMPTY_TRACK_STATS, bitrate: 1_000, frameWidth: 640, frameHeight: 360, packetsReceived: 7, packetsLost: 1 },
          { kind: 'audio', codec: 'opus', ...EMPTY_TRACK_STATS },
        ],
      },
    ]);
  });
});

/** A plugin that contributes routes. */
function routesPlugin(...routes: readonly HttpRoute[]): WebRtcPlugin {
  return definePlugin(() => ({
    name: 'routes',
    setup(ctx) {
      for (const route of routes) ctx.contribute(httpRoutes, route);
    },
  }))();
}

const withRoutes = (...routes: readonly HttpRoute[]) =>
  createFixture({ prepare: (manager) => void manager.registerPlugin(routesPlugin(...routes)) });

describe('routes of plugins', () => {
  const hello: HttpRoute = {
    method: 'GET',
    path: '/hello/:name',
    handler: (request, params) => Response.json({ ...params, query: new URL(request.url).search }),
  };

  test('are served with decoded parameters', async () => {
    await using fixture = await withRoutes(hello);
    const response = await fixture.app.request('/hello/a%20b?x=1');
    expect(await response.json()).toEqual({ name: 'a b', query: '?x=1' });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });

  test.each(['/hello', '/hello/', '/hello/a/b', '/Hello/a'])('%s does not fit', async (path) => {
    await using fixture = await withRoutes(hello);
    expect((await fixture.app.request(path)).status).toBe(404);
  });

  test('a broken percent sign is no error', async () => {
    await using fixture = await withRoutes(hello);
    expect(await (await fixture.app.request('/hello/100%')).json()).toMatchObject({ name: '100%' });
  });

  test('HEAD is a GET, other methods are 405, a preflight is answered', async () => {
    await using fixture = await withRoutes(hello);
    const head = await fixture.app.request('/hello/a', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    const post = await fixture.app.request('/hello/a', { method: 'POST' });
    expect(post.status).toBe(405);
    expect(post.headers.get('allow')).toBe('GET, OPTIONS');
    const preflight = await fixture.app.request('/hello/a', { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('method ALL takes everything', async () => {
    await using fixture = await withRoutes({ method: 'ALL', path: '/any', handler: (request) => new Response(request.method) });
    for (const method of ['GET', 'DELETE', 'OPTIONS']) {
      expect(await (await fixture.app.request('/any', { method })).text()).toBe(method);
    }
  });

  test('come and go with their plugin', async () => {
    const undos: Undo[] = [];
    await using fixture = await createFixture({
      prepare: (manager) => void undos.push(manager.registerPlugin(routesPlugin(hello))),
    });
    expect((await fixture.app.request('/hello/a')).status).toBe(200);
    for (const undo of undos) undo();
    expect((await fixture.app.request('/hello/a')).status).toBe(404);
  });

  test.each(['/healthz', '/whip/live/cam', '/index/api/webrtc', '/api/v1/streams'])('never shadow %s', async (path) => {
    await using fixture = await withRoutes({ method: 'ALL', path, handler: () => new Response('mine', { status: 299 }) });
    for (const method of ['GET', 'POST', 'PUT', 'OPTIONS']) {
      expect((await fixture.app.request(path, { method })).status).not.toBe(299);
    }
  });

  test.each([
    { what: 'throws', handler: () => Promise.reject(new Error('/srv/secret')), status: 500 },
    { what: 'throws text', handler: () => Promise.reject('/srv/secret'), status: 500 },
    { what: 'throws a MediaError', handler: () => Promise.reject(new MediaError('FORBIDDEN', 'no')), status: 403 },
  ])('one that $what is answered and logged, and the app serves on', async ({ handler, status }) => {
    const logger = new MemoryLogger();
    await using fixture = await createFixture({
      http: { logger },
      prepare: (manager) => void manager.registerPlugin(routesPlugin({ method: 'GET', path: '/fails', handler })),
    });
    const response = await fixture.app.request('/fails');
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('secret');
    expect(logger.lines.filter(({ level }) => level !== 'debug').map(({ fields }) => fields['plugin'])).toEqual(status === 500 ? ['routes'] : []);
    expect((await fixture.app.request('/healthz')).status).toBe(200);
  });

  test('an answer that cannot be changed gets its headers too', async () => {
    await using fixture = await withRoutes({ method: 'GET', path: '/away', handler: () => Response.redirect('https://example.com/') });
    const response = await fixture.app.request('/away');
    expect(response.headers.get('location')).toBe('https://example.com/');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('in an app of somebody else', () => {
  test("the host's own routes go on, without our headers", async () => {
    await using fixture = await createFixture();
    const outer = new Hono().route('/', fixture.app).get('/page', (c) => c.text('mine'));
    const page = await outer.request('/page');
    expect(await page.text()).toBe('mine');
    expect(page.headers.has('access-control-allow-origin')).toBe(false);
    expect((await outer.request('/healthz')).status).toBe(200);
  });

  test('routes of plugins move with the prefix', async () => {
    const path = '/hello';
    await using fixture = await createFixture({
      prepare: (manager) => void manager.registerPlugin(routesPlugin({ method: 'GET', path, handler: () => new Response('hi') })),
    });
    const outer = new Hono().route('/media', fixture.app);
    expect(await (await outer.request('/media/hello')).text()).toBe('hi');
    expect((await outer.request('/hello')).status).toBe(404);
  });

  test('two apps of two managers do not know each other', async () => {
    await using first = await createFixture();
    await using second = await createFixture();
    const init = { method: 'POST', body: OFFER, headers: { 'content-type': 'application/sdp' } };
    const created = await first.app.request('/whip/live/cam', init);
    const location = created.headers.get('location')!;
    expect((await second.app.request(location, { method: 'DELETE' })).status).toBe(404);
    expect((await first.app.request(location, { method: 'DELETE' })).status).toBe(200);
  });
});

test('wrong options are refused when the app is made', async () => {
  await using fixture = await createFixture();
  expect(() => createApp(fixture.manager, { iceServers: [{ urls: 'nonsense' }] })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID' }),
  );
});
