import type { RunningServer } from '@sluice/server';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { expectPlaying } from './support/playing.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

const SECRET = 'a-secret-of-some-length';
const NAME = { secret: SECRET, schema: 'rtc', app: 'live', stream: 'a' };

let browser: TestBrowser;
let server: RunningServer;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(() => browser?.close());

afterEach(() => server?.close());

/** A publisher in one tab and a viewer in another that sees it. */
async function publishAndPlay(): Promise<{ publisher: Page; viewer: Page }> {
  const [publisher, viewer] = [await browser.open(), await browser.open()];
  await publisher.evaluate((options) => window.peer.publish('publisher', options), { dialect: 'whip', url: `${server.url}/whip/live/a` } as const);
  await viewer.evaluate((options) => window.peer.play('viewer', options), { dialect: 'whip', url: `${server.url}/whep/live/a` } as const);
  await expectPlaying(viewer, 'viewer');
  return { publisher, viewer };
}

async function zlm<T>(name: string, params: Readonly<Record<string, string>> = NAME): Promise<T> {
  const response = await fetch(`${server.url}/index/api/${name}?${new URLSearchParams(params).toString()}`);
  return (await response.json()) as T;
}

function isFailed(page: Page, peer: string): Promise<boolean> {
  return page.evaluate((name) => window.peer.state(name) === 'failed', peer);
}

it('the names of ZLMediaKit say how a browser publishes, and end its viewers and its stream', async () => {
  server = await startTestServer({ http: { adminToken: SECRET } });
  const { publisher, viewer } = await publishAndPlay();

  type Row = { readonly aliveSecond: number; readonly bytesSpeed: number; readonly readerCount: number; readonly originSock: { readonly peer_port: number; readonly local_port: number }; readonly tracks: readonly Record<string, number>[] };
  const row = async () => (await zlm<{ data: readonly Row[] }>('getMediaList')).data[0];
  await until('its second of pictures is counted', async () => (await row())?.tracks.some(({ fps = 0 }) => fps > 0) === true);
  const { bytesSpeed, readerCount, originSock, tracks } = (await row())!;
  expect(bytesSpeed).toBeGreaterThan(1_000);
  expect([readerCount, originSock.local_port]).toEqual([1, server.rtcPort]);
  expect(originSock.peer_port).toBeGreaterThan(0);
  const video = tracks.find(({ codec_type: type }) => type === 0)!;
  expect(video['width']).toBeGreaterThan(0);
  expect(video['key_frames']).toBeGreaterThan(0);

  const { data: [watching] } = await zlm<{ data: readonly { identifier: string }[] }>('getMediaPlayerList');
  expect(await zlm('kick_session', { secret: SECRET, id: watching!.identifier })).toMatchObject({ code: 0 });
  await until('the viewer is told', () => isFailed(viewer, 'viewer'));
  expect(await zlm('close_stream')).toMatchObject({ code: 0, result: 0 });
  await until('the publisher is told', () => isFailed(publisher, 'publisher'));
  expect(await zlm('isMediaOnline')).toEqual({ code: 0, online: false });
  await Promise.all([publisher.context().close(), viewer.context().close()]);
});

it('the events of the management API tell the life of a browser session in order', async () => {
  server = await startTestServer();
  const headers = { authorization: `Bearer ${server.adminToken}` };
  const gone = new AbortController();
  const response = await fetch(`${server.url}/api/v1/events?types=session-opened,session-state,session-closed`, { headers, signal: gone.signal });
  const told: string[] = [];
  const reading = (async () => {
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) told.push(...[...text.matchAll(/^event: (.+)$/gm)].map(([, name]) => name!));
  })().catch(() => undefined);

  const page = await browser.open();
  await page.evaluate((options) => window.peer.publish('publisher', options), { dialect: 'whip', url: `${server.url}/whip/live/a` } as const);
  await until('it has connected', () => told.includes('session-state'));
  const [session]: { readonly id: string }[] = await (await fetch(`${server.url}/api/v1/sessions`, { headers })).json();
  expect((await fetch(`${server.url}/api/v1/sessions/${session!.id}`, { method: 'DELETE', headers })).status).toBe(204);
  await until('its end is told', () => told.length >= 3);
  expect(told).toEqual(['session-opened', 'session-state', 'session-closed']);
  await until('the browser is told', () => isFailed(page, 'publisher'));
  gone.abort();
  await reading;
  await page.context().close();
});
