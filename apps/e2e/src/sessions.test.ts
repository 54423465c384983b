import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Exchange } from './page/peer.ts';
import { expectPlaying } from './support/playing.ts';
import { useStage } from './support/stage.ts';
import { until } from './support/until.ts';

const ADMIN_TOKEN = 'a-token-of-some-length';

const stage = useStage();

function publish(page: Page, name = 'publisher', stream = 'live/a'): Promise<Exchange> {
  const options = { dialect: 'whip', url: `${stage.server.url}/whip/${stream}` } as const;
  return page.evaluate(([connection, whip]) => window.peer.publish(connection, whip), [name, options] as const);
}

function play(page: Page, name = 'viewer', stream = 'live/a'): Promise<Exchange> {
  const options = { dialect: 'whip', url: `${stage.server.url}/whep/${stream}` } as const;
  return page.evaluate(([connection, whep]) => window.peer.play(connection, whep), [name, options] as const);
}

function zlm(page: Page, query: string): Promise<Exchange> {
  const options = { dialect: 'zlm', url: `${stage.server.url}/index/api/webrtc?${query}` } as const;
  return page.evaluate((door) => (door.url.includes('type=push') ? window.peer.publish('zlm', door) : window.peer.play('zlm', door)), options);
}

function expectEnded(page: Page, name: string): Promise<void> {
  return until(`${name} ends`, () => page.evaluate((connection) => window.peer.state(connection) === 'failed', name)).then(() => undefined);
}

/** By an alert of DTLS: when only silence tells, it is ICE that fails, some time later. */
async function expectToldOfEnd(page: Page, name: string): Promise<void> {
  await expectEnded(page, name);
  expect(await page.evaluate((connection) => window.peer.dtlsState(connection), name)).toBe('failed');
}

/** A session's URL ends in its id and its token. */
function sessionIdOf(location: string | null | undefined): string {
  return location?.split('/').at(-2) ?? '';
}

async function liveStreams(): Promise<number> {
  const response = await fetch(`${stage.server.url}/api/v1/streams`);
  const rows: unknown[] = await response.json();
  return rows.length;
}

describe('the end of a publisher', () => {
  it('reaches its viewers when it closes its connection', async () => {
    await publish(stage.publisher);
    await play(stage.viewer);
    await expectPlaying(stage.viewer, 'viewer');
    await stage.publisher.evaluate(() => window.peer.close('publisher'));
    await expectEnded(stage.viewer, 'viewer');
    expect(await liveStreams()).toBe(0);
  });

  it('reaches its viewers when its tab is gone without a word', async () => {
    await publish(stage.publisher);
    await play(stage.viewer);
    await expectPlaying(stage.viewer, 'viewer');
    await stage.publisher.context().close();
    await expectEnded(stage.viewer, 'viewer');
    expect(await liveStreams()).toBe(0);
  });
});

describe('DELETE', () => {
  it('by the Location of WHIP ends the session and tells the peer; afterwards it is unknown', async () => {
    const { location } = await publish(stage.publisher);
    await until('it is connected', () => stage.publisher.evaluate(() => window.peer.state('publisher') === 'connected'));
    const url = new URL(location ?? '', stage.server.url).href;
    expect(await stage.publisher.evaluate((resource) => window.peer.request(resource, 'DELETE'), url)).toMatchObject({ status: 200 });
    await expectToldOfEnd(stage.publisher, 'publisher');
    expect(await stage.publisher.evaluate((resource) => window.peer.request(resource, 'DELETE'), url)).toMatchObject({ status: 404 });
  });

  it('by the Location of WHEP ends one viewer and no other', async () => {
    await publish(stage.publisher);
    const { location } = await play(stage.viewer);
    await play(stage.viewer, 'other');
    await expectPlaying(stage.viewer, 'viewer');
    const url = new URL(location ?? '', stage.server.url).href;
    expect(await stage.publisher.evaluate((resource) => window.peer.request(resource, 'DELETE'), url)).toMatchObject({ status: 200 });
    await expectToldOfEnd(stage.viewer, 'viewer');
    await expectPlaying(stage.viewer, 'other');
  });

  it.each([
    ['DELETE of the management API', (id: string) => fetch(`${stage.server.url}/api/v1/sessions/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })],
    ['kick_session of ZLMediaKit', (id: string) => fetch(`${stage.server.url}/index/api/kick_session?id=${id}&secret=${ADMIN_TOKEN}`)],
  ])('by an administrator through %s tells the viewer and no other', async (_door, end) => {
    await stage.restart({ http: { adminToken: ADMIN_TOKEN } });
    await publish(stage.publisher);
    const { location } = await play(stage.viewer);
    await play(stage.viewer, 'other');
    await expectPlaying(stage.viewer, 'viewer');
    await end(sessionIdOf(location));
    await expectToldOfEnd(stage.viewer, 'viewer');
    await expectPlaying(stage.viewer, 'other');
  });

  it('by the Location of the ZLMediaKit doors needs the right token', async () => {
    const options = { dialect: 'whip', url: `${stage.server.url}/index/api/whip?app=live&stream=a` } as const;
    const { location } = await stage.publisher.evaluate((whip) => window.peer.publish('publisher', whip), options);
    const url = new URL(location ?? '');
    const wrong = new URL(url);
    wrong.searchParams.set('token', 'guessed');
    const remove = (target: URL): Promise<{ status: number; text: string }> =>
      stage.publisher.evaluate((resource) => window.peer.request(resource, 'DELETE'), target.href);
    expect(await remove(wrong)).toEqual({ status: 401, text: expect.stringContaining('token incorrect') });
    expect(await stage.publisher.evaluate(() => window.peer.state('publisher'))).not.toBe('failed');
    expect(await remove(url)).toMatchObject({ status: 200, text: '' });
    expect(await remove(url)).toEqual({ status: 404, text: expect.stringContaining('id not found') });
  });
});

describe('a server that stops', () => {
  it('tells every peer first', async () => {
    await publish(stage.publisher);
    await play(stage.viewer);
    await expectPlaying(stage.viewer, 'viewer');
    await stage.server.close();
    await expectToldOfEnd(stage.publisher, 'publisher');
    await expectToldOfEnd(stage.viewer, 'viewer');
  });
});

describe('a second publisher', () => {
  it('is refused with 409, and with -400 by the ZLMediaKit API, and the first goes on', async () => {
    await publish(stage.publisher);
    await play(stage.viewer);
    expect(await publish(stage.viewer, 'second')).toMatchObject({ status: 409 });
    expect(await zlm(stage.viewer, 'app=live&stream=a&type=push')).toMatchObject({ code: -400, text: 'already publishing' });
    await expectPlaying(stage.viewer, 'viewer');
  });
});

describe('a stream that is not there', () => {
  it('is served to those who wait when it appears', async () => {
    const waiting = play(stage.viewer);
    await publish(stage.publisher);
    expect(await waiting).toMatchObject({ status: 201 });
    await expectPlaying(stage.viewer, 'viewer');
  });

  it('is refused after the wait', async () => {
    await stage.restart({ streams: { maxStreamWaitMs: 200 } });
    expect(await play(stage.viewer)).toMatchObject({ status: 404 });
    expect(await zlm(stage.viewer, 'app=live&stream=a&type=play')).toMatchObject({ code: -400, text: 'stream not found' });
  });
});

describe('a hook at a URL', () => {
  const hooks = createServer((request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify({ code: 7, msg: 'subscribe first, then watch' })));
  });
  beforeAll(() => new Promise<void>((resolve) => void hooks.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise((resolve) => void hooks.close(resolve)));

  it('refuses in its own words', async () => {
    const { port } = hooks.address() as AddressInfo;
    await stage.restart({ hooks: { onPlay: `http://127.0.0.1:${port}/on_play` } });
    await publish(stage.publisher);
    const refused = await play(stage.viewer);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('subscribe first, then watch');
    expect(await zlm(stage.viewer, 'app=live&stream=a&type=play')).toMatchObject({ code: -400, text: 'subscribe first, then watch' });
  });
});
