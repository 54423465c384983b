import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type PluginContext, type Stream, definePlugin } from '@sluice/core';
import type { RunningServer } from '@sluice/server';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { expectPlaying } from './support/playing.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

let browser: TestBrowser;
let viewer: Page;
const servers = new Set<RunningServer>();

/** A server, and what its plugins see of it. */
interface WatchedServer extends RunningServer {
  readonly ctx: PluginContext;
}

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  viewer = await browser.open();
});

afterEach(async () => {
  await viewer.context().close();
  await Promise.all(Array.from(servers, (server) => server.close()));
  servers.clear();
});

async function start(config: Parameters<typeof startTestServer>[0]): Promise<WatchedServer> {
  const seen = Promise.withResolvers<PluginContext>();
  const watcher = definePlugin(() => ({ name: 'watcher', setup: (ctx) => seen.resolve(ctx) }));
  const server = await startTestServer({ ...config, plugins: [watcher()] });
  servers.add(server);
  return { ...server, ctx: await seen.promise };
}

async function play(server: RunningServer, path: string): Promise<void> {
  const options = { dialect: 'whip', url: `${server.url}/whep/${path}` } as const;
  await viewer.evaluate((whep) => window.peer.play('viewer', whep), options);
  await expectPlaying(viewer, 'viewer');
}

function streamOf({ ctx }: WatchedServer, app: string): Stream | undefined {
  return ctx.streams.list().find(({ key }) => key.app === app);
}

it('a viewer sees a stream that is pulled from another server, also after that one was restarted, and its leaving ends the pull', async () => {
  let origin = await start({ demo: true });
  const port = Number(new URL(origin.url).port);
  const source = { whep: `http://127.0.0.1:${port}/whep/live/demo` };
  const edge = await start({ streams: { noneReaderDelayMs: 500 }, paths: { 'cdn/*': { source } } });
  expect(streamOf(edge, 'cdn')).toBeUndefined();
  await play(edge, 'cdn/demo');
  expect(streamOf(edge, 'cdn')?.origin).toMatchObject({ type: 'pull', state: 'live', url: source.whep });

  await origin.close();
  await until('the pull is tried again', () => streamOf(edge, 'cdn')?.origin.state === 'retrying');
  origin = await start({ demo: true, http: { port } });
  await until('the pull is back', () => streamOf(edge, 'cdn')?.origin.state === 'live');
  await expectPlaying(viewer, 'viewer');

  await viewer.evaluate(() => window.peer.close('viewer'));
  await until('the pull has ended', () => streamOf(edge, 'cdn') === undefined);
  await until('the other server has no viewer any more', () => origin.ctx.sessions.size === 0);
});

it.each([
  ['VP8', ['-c:v', 'libvpx', '-deadline', 'realtime']],
  ['VP9', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8']],
  ['AV1', ['-c:v', 'libaom-av1', '-cpu-used', '8', '-usage', 'realtime']],
])('a viewer sees and hears a WebM clip of %s from disk, over its end', async (codec, encoder) => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-clips-'));
  const inputs = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', '-f', 'lavfi', '-i', 'sine=440'];
  const output = ['-t', '2', ...encoder, '-b:v', '200k', '-g', '25', '-c:a', 'libopus', join(folder, 'clip.webm')];
  await promisify(execFile)('ffmpeg', ['-loglevel', 'error', ...inputs, ...output]);
  try {
    const server = await start({ file: { folder }, paths: { 'clips/*': { source: { file: '{stream}.webm' } } } });
    await play(server, 'clips/clip');
    const stream = streamOf(server, 'clips');
    expect(stream?.origin).toMatchObject({ type: 'file', url: 'clip.webm', state: 'live' });
    expect(stream?.tracks.map((track) => track.codec?.name)).toEqual([codec, 'opus']);
    const framesOf = (): number => stream?.tracks[0]?.stats().framesReceived ?? 0;
    await until('the clip has begun again', () => framesOf() > 60);
    await expectPlaying(viewer, 'viewer');
  } finally {
    await rm(folder, { recursive: true });
  }
});
