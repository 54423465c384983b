import type { RunningServer } from '@sluice/server';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { expectPlaying } from './support/playing.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

let browser: TestBrowser;
let server: RunningServer;
let viewer: Page;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  viewer = await browser.open();
});

afterEach(async () => {
  await viewer.context().close();
  await server?.close();
});

async function publish(): Promise<Page> {
  const page = await browser.open();
  const options = { dialect: 'whip', url: `${server.url}/whip/live/a` } as const;
  const { status } = await page.evaluate((whip) => window.peer.publish('publisher', whip), options);
  expect(status).toBe(201);
  return page;
}

async function play(): Promise<void> {
  const options = { dialect: 'whip', url: `${server.url}/whep/live/a` } as const;
  await viewer.evaluate((whep) => window.peer.play('viewer', whep), options);
  await expectPlaying(viewer, 'viewer');
}

async function streamState(): Promise<string | undefined> {
  const response = await fetch(`${server.url}/api/v1/streams`);
  const [row]: { readonly state: string }[] = await response.json();
  return row?.state;
}

it('a viewer sees the publisher that comes back after its tab was killed, on the connection that it has', async () => {
  server = await startTestServer({ streams: { publisherGraceMs: 30_000 }, rtc: { disconnectedAfterMs: 500, closedAfterMs: 1000 } });
  const first = await publish();
  await play();
  await first.context().close();
  await until('the stream is interrupted', async () => (await streamState()) === 'interrupted');
  const second = await publish();
  await expectPlaying(viewer, 'viewer');
  expect(await streamState()).toBe('live');
  await second.context().close();
});

it('a viewer sees the publisher that takes over from one that still sends', async () => {
  server = await startTestServer({ streams: { takeover: 'always' } });
  const first = await publish();
  await play();
  const second = await publish();
  await until('the first is closed', () => first.evaluate(() => window.peer.state('publisher') === 'failed'));
  await expectPlaying(viewer, 'viewer');
  await Promise.all([first.context().close(), second.context().close()]);
});
