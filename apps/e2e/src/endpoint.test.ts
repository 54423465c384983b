import type { RunningServer } from '@sluice/server';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PageOptions } from './page/endpoint.ts';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { expectPlayback } from './support/playing.ts';
import { type ServerProcess, startServerProcess } from './support/server-process.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

let browser: TestBrowser;
let publisher: Page;
let viewer: Page;

beforeAll(async () => {
  browser = await launchChromium(new URL('page/endpoint.ts', import.meta.url));
});

afterAll(() => browser?.close());

beforeEach(async () => {
  [publisher, viewer] = await Promise.all([browser.open(), browser.open()]);
});

afterEach(() => Promise.all([publisher.context().close(), viewer.context().close()]));

function create(page: Page, options: PageOptions): Promise<void> {
  return page.evaluate((given) => window.endpoints.create('it', given), { resolution: { w: 640, h: 360 }, ...options });
}

function expectPlaying(page: Page): Promise<unknown> {
  return expectPlayback('it', () => page.evaluate(() => window.endpoints.playback('it')), { deadlineMs: 40_000 });
}

function state(page: Page): Promise<string> {
  return page.evaluate(() => window.endpoints.state('it'));
}

describe('with a server', () => {
  let server: RunningServer;

  beforeEach(async () => {
    server = await startTestServer();
  });

  afterEach(() => server.close());

  /** Streams, and viewers of the first one. */
  async function streams(): Promise<readonly { readonly readers: number }[]> {
    const rows: readonly { readonly readers: number }[] = await (await fetch(`${server.url}/api/v1/streams`)).json();
    return rows;
  }

  const DIALECTS = {
    'WHIP and WHEP': { publish: 'whip/live/a', play: 'whep/live/a' },
    'the classic API': { publish: 'index/api/webrtc?app=live&stream=a&type=push', play: 'index/api/webrtc?app=live&stream=a&type=play' },
    'WHIP and WHEP of the classic API': { publish: 'index/api/whip?app=live&stream=a', play: 'index/api/whep?app=live&stream=a' },
  } as const;

  it.each(Object.entries(DIALECTS))('publishes and plays over %s, tells it in classic events too, and leaves nothing when it is closed', async (_dialect, { publish, play }) => {
    await create(publisher, { url: `${server.url}/${publish}` });
    await create(viewer, { url: `${server.url}/${play}`, recvOnly: true });
    await expectPlaying(viewer);
    const told = await viewer.evaluate(() => window.endpoints.told('it'));
    expect(told.states).toEqual(['connecting', 'connected']);
    expect(told.classic).toEqual(expect.arrayContaining(['WEBRTC_ON_REMOTE_STREAMS', 'WEBRTC_ON_CONNECTION_STATE_CHANGE']));
    expect((await publisher.evaluate(() => window.endpoints.told('it'))).classic).toContain('WEBRTC_ON_LOCAL_STREAM');
    const stats = await until('there are statistics', () => viewer.evaluate(() => window.endpoints.told('it').stats));
    expect(stats).toMatchObject({ sent: undefined, received: { width: expect.any(Number), codecs: [expect.any(String), 'opus'] } });

    await viewer.evaluate(() => window.endpoints.close('it'));
    await until('the viewer is gone', async () => (await streams())[0]?.readers === 0);
    await publisher.evaluate(() => window.endpoints.close('it'));
    await until('the stream is gone', async () => (await streams()).length === 0);
    expect(await publisher.evaluate(() => window.endpoints.capturing('it'))).toBe(false);
  });

  it('restarts ICE in the middle of the picture', async () => {
    await create(publisher, { url: `${server.url}/whip/live/a` });
    await create(viewer, { url: `${server.url}/whep/live/a` });
    await expectPlaying(viewer);
    for (const page of [publisher, viewer]) {
      const before = await page.evaluate(() => window.endpoints.localFragment('it'));
      expect(await page.evaluate(() => window.endpoints.restartIce('it'))).toBe(true);
      await until('new candidates are used', async () => (await page.evaluate(() => window.endpoints.localFragment('it'))) !== before);
    }
    await expectPlaying(viewer);
    expect(await streams()).toMatchObject([{ readers: 1 }]);
  });

  it('sends simulcast, and messages both ways', async () => {
    await create(publisher, { url: `${server.url}/whip/live/a`, simulcast: true, usedatachannel: true, codecs: ['VP8'] });
    await create(viewer, { url: `${server.url}/whep/live/a`, usedatachannel: true });
    await expectPlaying(viewer);
    for (const page of [publisher, viewer]) await until('the channel is open', () => page.evaluate(() => window.endpoints.send('it', 'hello')));
    await viewer.evaluate(() => window.endpoints.send('it', [1, 2, 3]));
    await until('the messages are there', async () => (await publisher.evaluate(() => window.endpoints.told('it').messages)).length >= 2);
    expect(await publisher.evaluate(() => window.endpoints.told('it').messages)).toEqual(['hello', [1, 2, 3]]);
    const rows = await (await fetch(`${server.url}/api/v1/streams`)).json();
    expect(JSON.stringify(rows)).toContain('"h"');
  });

  it('echoes', async () => {
    await create(viewer, { url: `${server.url}/index/api/webrtc?app=live&stream=echo&type=echo`, usedatachannel: true });
    await expectPlaying(viewer);
    await until('the channel is open', () => viewer.evaluate(() => window.endpoints.send('it', 'back')));
    await until('it is back', async () => (await viewer.evaluate(() => window.endpoints.told('it').messages)).includes('back'));
  });

  it('ends its session when its page is left', async () => {
    await create(publisher, { url: `${server.url}/whip/live/a` });
    await publisher.evaluate(() => window.endpoints.start('it'));
    expect(await streams()).toHaveLength(1);
    await publisher.goto('about:blank');
    await until('the stream is gone', async () => (await streams()).length === 0, 2_500);
  });

  it('is told by the server that it may not, once', async () => {
    await create(publisher, { url: `${server.url}/whip/live/a` });
    await publisher.evaluate(() => window.endpoints.start('it'));
    await create(viewer, { url: `${server.url}/whip/live/a` });
    await until('it failed', async () => (await state(viewer)) === 'failed');
    const told = await viewer.evaluate(() => window.endpoints.told('it'));
    expect(told.states).toEqual(['connecting', 'failed']);
    expect(told.classic).toContain('WEBRTC_OFFER_ANWSER_EXCHANGE_FAILED');
  });

  it('knows the devices and what the camera gives', async () => {
    expect((await viewer.evaluate(() => window.endpoints.devices())).cameras.length).toBeGreaterThan(0);
    expect((await viewer.evaluate(() => window.endpoints.resolutions())).map(({ label }) => label)).toContain('720p');
  });
});

describe('with a server that is killed', () => {
  let server: ServerProcess;

  beforeEach(async () => {
    server = await startServerProcess();
  });

  afterEach(() => server.close());

  it.each([
    ['whip/live/a', 'whep/live/a'],
    ['index/api/webrtc?app=live&stream=a&type=push', 'index/api/webrtc?app=live&stream=a&type=play'],
  ])('the publisher of %s and its viewer come back, and the picture goes on', async (publish, play) => {
    const reconnect = { minMs: 200, maxMs: 1_000 };
    await create(publisher, { url: `${server.url}/${publish}`, reconnect });
    await create(viewer, { url: `${server.url}/${play}`, reconnect });
    await expectPlaying(viewer);
    await server.kill();
    server = await startServerProcess(Number(new URL(server.url).port));
    for (const page of [publisher, viewer]) await until('it noticed', async () => (await page.evaluate(() => window.endpoints.told('it').states)).includes('reconnecting'));
    await expectPlaying(viewer);
    expect([await state(publisher), await state(viewer)]).toEqual(['connected', 'connected']);
  });
});
