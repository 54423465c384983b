import type { RunningServer } from '@sluice/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from '../support/chromium.ts';
import { type TestFirefox, expectFirefoxPlaying, launchFirefox } from '../support/firefox.ts';
import { expectPlaying } from '../support/playing.ts';
import { startTestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';

const DEADLINE_MS = 30_000;

let server: RunningServer;
let chromium: TestBrowser;
let firefox: TestFirefox;

beforeAll(async () => {
  [server, chromium, firefox] = await Promise.all([startTestServer(), launchChromium(), launchFirefox()]);
});

afterAll(async () => {
  await firefox?.close();
  await chromium?.close();
  await server?.close();
});

it('Chromium plays what Firefox publishes, in every codec that it has', async () => {
  const stream = 'live/from-firefox';
  for (const videoCodec of firefox.videoCodecs) {
    await using publisher = await firefox.open();
    const url = `${server.url}/whip/${stream}-${videoCodec}`;
    const whip = { url, dialect: 'whip', videoCodec, bundlePolicy: 'max-bundle' } as const;
    const published = await publisher.evaluate((options) => window.peer.publish('publisher', options), whip);
    expect(published, published.text).toMatchObject({ status: 201 });
    await using viewer = await chromium.open();
    const whep = { url: `${server.url}/whep/${stream}-${videoCodec}`, dialect: 'whip' } as const;
    await viewer.evaluate((options) => window.peer.play('viewer', options), whep);
    const playback = await expectPlaying(viewer, 'viewer', { deadlineMs: DEADLINE_MS });
    expect(playback.videoCodec).toBe(videoCodec);
  }
});

it('Firefox plays what Chromium publishes, in every codec that it has', async () => {
  const stream = 'live/to-firefox';
  for (const videoCodec of firefox.videoCodecs) {
    await using publisher = await chromium.open();
    const whip = { url: `${server.url}/whip/${stream}-${videoCodec}`, dialect: 'whip', videoCodec } as const;
    await publisher.evaluate((options) => window.peer.publish('publisher', options), whip);
    await using viewer = await firefox.open();
    const whep = { url: `${server.url}/whep/${stream}-${videoCodec}`, dialect: 'whip' } as const;
    const played = await viewer.evaluate((options) => window.peer.play('viewer', options), whep);
    expect(played, played.text).toMatchObject({ status: 201 });
    const playback = await expectFirefoxPlaying(viewer, 'viewer', { deadlineMs: DEADLINE_MS });
    expect(playback.videoCodec).toBe(videoCodec);
  }
});

it('Firefox gets its own media and messages back from an echo', async () => {
  await using page = await firefox.open();
  const url = `${server.url}/index/api/webrtc?app=live&stream=echo&type=echo`;
  const options = { url, dialect: 'zlm', sendReceive: true, channel: 'chat' } as const;
  const answered = await page.evaluate((echo) => window.peer.publish('echo', echo), options);
  expect(answered, answered.text).toMatchObject({ code: 0 });
  await expectFirefoxPlaying(page, 'echo', { deadlineMs: DEADLINE_MS });
  await until('the channel is open', () => page.evaluate(() => window.peer.channelState('echo') === 'open'));
  await page.evaluate(() => {
    window.peer.send('echo', 'text');
    window.peer.send('echo', [1, 2, 3]);
  });
  await until('both messages are back', async () => (await page.evaluate(() => window.peer.messages('echo'))).length === 2);
  expect(await page.evaluate(() => window.peer.messages('echo'))).toEqual(['text', [1, 2, 3]]);
});

it('Firefox is told at once that its session was deleted', async () => {
  await using page = await firefox.open();
  const options = { url: `${server.url}/whip/live/deleted`, dialect: 'whip', bundlePolicy: 'max-bundle' } as const;
  const { location } = await page.evaluate((whip) => window.peer.publish('publisher', whip), options);
  await until('it is connected', () => page.evaluate(() => window.peer.state('publisher') === 'connected'));
  await fetch(new URL(location ?? '', server.url), { method: 'DELETE' });
  await until('its connection has ended', () => page.evaluate(() => window.peer.state('publisher') !== 'connected'));
  expect(await page.evaluate(() => window.peer.dtlsState('publisher'))).not.toBe('connected');
});
