import type { Page } from 'playwright-core';
import { beforeEach, expect, it } from 'vitest';
import type { Exchange, RestartReply, SelectedFragments } from './page/peer.ts';
import { expectPlaying } from './support/playing.ts';
import { useStage } from './support/stage.ts';
import { until } from './support/until.ts';

const stage = useStage();
let published: Exchange;
let played: Exchange;

beforeEach(async () => {
  const url = (protocol: string): string => `${stage.server.url}/${protocol}/live/a`;
  published = await stage.publisher.evaluate((whip) => window.peer.publish('publisher', { dialect: 'whip', url: whip }), url('whip'));
  played = await stage.viewer.evaluate((whep) => window.peer.play('viewer', { dialect: 'whip', url: whep }), url('whep'));
  await expectPlaying(stage.viewer, 'viewer');
});

function restart(page: Page, name: string, { location }: Exchange, headers: Record<string, string> = {}): Promise<RestartReply> {
  const url = new URL(location ?? '', stage.server.url).href;
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
  const response = await fetch(`${stage.server.url}/api/v1/streams`);
  const rows: { readonly readers: number }[] = await response.json();
  return rows.map((row) => row.readers);
}

it('of a publisher keeps its session and the picture of its viewers', async () => {
  await expectRestarted(stage.publisher, 'publisher', published, { 'if-match': published.etag ?? '' });
  await expectPlaying(stage.viewer, 'viewer');
  expect(await stage.publisher.evaluate(() => window.peer.state('publisher'))).toBe('connected');
  expect(await readers()).toEqual([1]);
});

it('of a viewer works without If-Match, and again', async () => {
  await expectRestarted(stage.viewer, 'viewer', played);
  await expectPlaying(stage.viewer, 'viewer');
  await expectRestarted(stage.viewer, 'viewer', played);
  await expectPlaying(stage.viewer, 'viewer');
  expect(await readers()).toEqual([1]);
});

it('with a stale tag is refused, the picture goes on, and the next one succeeds', async () => {
  const { etag } = await expectRestarted(stage.viewer, 'viewer', played, { 'if-match': '*' });
  expect(etag).not.toBe(played.etag);
  expect(await restart(stage.viewer, 'viewer', played, { 'if-match': played.etag ?? '' })).toMatchObject({ status: 412 });
  await expectPlaying(stage.viewer, 'viewer');
  await expectRestarted(stage.viewer, 'viewer', played, { 'if-match': etag ?? '' });
  await expectPlaying(stage.viewer, 'viewer');
});
