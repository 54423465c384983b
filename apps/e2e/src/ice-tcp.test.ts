import type { RunningServer } from '@sluice/server';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { expectPlaying } from './support/playing.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

let server: RunningServer;
let browser: TestBrowser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), launchChromium()]);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

function selectedProtocol(page: Page, name: string): Promise<string | null | undefined> {
  return page.evaluate((connection) => window.peer.selectedProtocol(connection), name);
}

it('publishes and plays over TCP, and ends at once', async () => {
  const [publisher, viewer] = await Promise.all([browser.open(), browser.open()]);
  const whip = { dialect: 'whip', url: `${server.url}/whip/live/tcp`, tcpOnly: true } as const;
  const whep = { dialect: 'whip', url: `${server.url}/whep/live/tcp`, tcpOnly: true, channel: 'chat' } as const;
  const published = await publisher.evaluate((options) => window.peer.publish('publisher', options), whip);
  expect(published, published.text).toMatchObject({ status: 201 });
  expect(published.text).toContain('tcptype passive');
  await viewer.evaluate((options) => window.peer.play('viewer', options), whep);

  await expectPlaying(viewer, 'viewer');
  expect(await selectedProtocol(publisher, 'publisher')).toBe('tcp');
  expect(await selectedProtocol(viewer, 'viewer')).toBe('tcp');
  await until('the channel is open', () => viewer.evaluate(() => window.peer.channelState('viewer') === 'open'));

  const session = new URL(published.location ?? '', server.url).href;
  expect(await publisher.evaluate((url) => window.peer.request(url, 'DELETE'), session)).toMatchObject({ status: 200 });
  // Losing the connection alone would leave it `disconnected`, and only after seconds.
  await until('the publisher sees the end', () => publisher.evaluate(() => window.peer.state('publisher') === 'closed' || window.peer.state('publisher') === 'failed'));
  await Promise.all([publisher.context().close(), viewer.context().close()]);
});

it('prefers UDP where it gets through', async () => {
  const publisher = await browser.open();
  const whip = { dialect: 'whip', url: `${server.url}/whip/live/udp` } as const;
  await publisher.evaluate((options) => window.peer.publish('publisher', options), whip);
  await until('the publisher is connected', () => publisher.evaluate(() => window.peer.state('publisher') === 'connected'));
  expect(await selectedProtocol(publisher, 'publisher')).toBe('udp');
  await publisher.context().close();
});
