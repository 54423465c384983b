import type { RunningServer } from '@sluice/server';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Exchange, RestartReply, SelectedFragments } from './page/peer.ts';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { expectPlaying } from './support/playing.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

let browser: TestBrowser;
let server: RunningServer;
let publisher: Page;
let viewer: Page;
let published: Exchange;
let played: Exchange;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  [server, publisher, viewer] = await Promise.all([startTestServer(), browser.open(), browser.open()]);
  const url = (protocol: string): string => `${server.url}/${protocol}/live/a`;
  published = await publisher.evaluate((whip) => window.peer.publish('publisher', { dialect: 'whip', url: whip }), url('whip'));
  played = await viewer.evaluate((whep) => window.peer.play('viewer', { dialect: 'whip', url: whep }), url('whep'));
  await expectPlaying(viewer, 'viewer');
});

afterEach(async () => {
  await Promise.all([publisher.context().close(), viewer.context().close()]);
  await server.close();
});

function restart(page: Page, name: string, { location }: Exchange, headers: Record<string, string> = {}): Promise<RestartReply> {
  const url = new URL(location ?? '', server.url).href;
  return page.evaluate(([connection, resource, also]) => window.peer.restartIce(connection, resource, also), [name, url, headers] as const);
}

function selectedFragments(page: Page, name: string): Promise<SelectedFragments> {
  return page.evaluate((connection) => window.peer.selectedFragments(connection), name);
}

/** Restarts ICE, and sees that the page moves to a pair of new candidates while its connection stays. */
async function expectRestarted(page: Page, name: string, session: Exchange, headers?: Record<string, string>): Promise<RestartReply> {
  const before = await selectedFragments(page, name);
  const reply = await restart(page, name, session, headers);
  expect(reply, reply.text).toMatchObject({ status: 200, text: expect.stringContaining('a=end-of-candidates') });
  const after = await until(`${name} uses new candidates`, async () => {
    const now = await selectedFragments(page, name);
    return now.local !== before.local && now.remote !== before.remote && now;
  });
  expect(reply.text).toContain(`a=ice-ufrag:${after.remote}\r\n`);
  return reply;
}

/** Viewers per stream. */
async function readers(): Promise<number[]> {
  const response = await fetch(`${server.url}/api/v1/streams`);
  const rows: { readonly readers: number }[] = await response.json();
  return rows.map((row) => row.readers);
}

it('of a publisher keeps its session and the picture of its viewers', async () => {
  await expectRestarted(publisher, 'publisher', published, { 'if-match': published.etag ?? '' });
  await expectPlaying(viewer, 'viewer');
  expect(await publisher.evaluate(() => window.peer.state('publisher'))).toBe('connected');
  expect(await readers()).toEqual([1]);
});

it('of a viewer works without If-Match, and again', async () => {
  await expectRestarted(viewer, 'viewer', played);
  await expectPlaying(viewer, 'viewer');
  await expectRestarted(viewer, 'viewer', played);
  await expectPlaying(viewer, 'viewer');
  expect(await readers()).toEqual([1]);
});

it('with a stale tag is refused, the picture goes on, and the next one succeeds', async () => {
  const { etag } = await expectRestarted(viewer, 'viewer', played, { 'if-match': '*' });
  expect(etag).not.toBe(played.etag);
  expect(await restart(viewer, 'viewer', played, { 'if-match': played.etag ?? '' })).toMatchObject({ status: 412 });
  await expectPlaying(viewer, 'viewer');
  await expectRestarted(viewer, 'viewer', played, { 'if-match': etag ?? '' });
  await expectPlaying(viewer, 'viewer');
});
