import type { RunningServer } from '@sluice/server';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { expectPlaying } from './support/playing.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

let browser: TestBrowser;
let server: RunningServer;
let publisher: Page;
let viewer: Page;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  [server, publisher, viewer] = await Promise.all([startTestServer({ shutdown: { drainMs: 60_000 } }), browser.open(), browser.open()]);
});

afterEach(async () => {
  await Promise.all([publisher.context().close(), viewer.context().close()]);
  await server.close();
});

async function publishAndPlay(): Promise<void> {
  const whip = { dialect: 'whip', url: `${server.url}/whip/live/a` } as const;
  const whep = { dialect: 'whip', url: `${server.url}/whep/live/a` } as const;
  await publisher.evaluate((door) => window.peer.publish('publisher', door), whip);
  await viewer.evaluate((door) => window.peer.play('viewer', door), whep);
  await expectPlaying(viewer, 'viewer');
}

/** Value of a sample, written as it is exposed; undefined when it is absent. */
async function metric(sample: string): Promise<number | undefined> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}

function atLeast(sample: string, least: number): Promise<unknown> {
  return until(`${sample} is at least ${least}`, async () => ((await metric(sample)) ?? -1) >= least);
}

it('what a browser publishes and another one watches is in the metrics, and stays there after their end', async () => {
  await publishAndPlay();
  for (const role of ['publisher', 'viewer']) await atLeast(`sluice_sessions{role="${role}",state="connected"}`, 1);
  expect(await metric('sluice_stream_viewers{stream="live/a"}')).toBe(1);
  for (const direction of ['in', 'out']) {
    await atLeast(`sluice_rtp_packets_total{direction="${direction}"}`, 50);
    await atLeast(`sluice_transport_bytes_total{direction="${direction}"}`, 10_000);
  }
  await atLeast('sluice_session_connect_duration_seconds_count', 2);
  await atLeast('sluice_forward_duration_seconds_count', 5);
  await atLeast('sluice_stream_bitrate_bits_per_second{stream="live/a"}', 10_000);
  const sent = (await metric('sluice_rtp_packets_total{direction="out"}')) ?? 0;
  await viewer.evaluate(() => window.peer.close('viewer'));
  await atLeast('sluice_sessions_closed_total{role="viewer",cause="peer"}', 1);
  expect(await metric('sluice_rtp_packets_total{direction="out"}')).toBeGreaterThanOrEqual(sent);
});

it('a drain leaves a viewer its picture, sends others elsewhere, and is over when the last has gone', async () => {
  await publishAndPlay();
  let isDrained = false;
  const drained = server.drain().then(() => (isDrained = true));
  expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  const refused = await fetch(`${server.url}/whep/live/a`, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: 'v=0' });
  expect(refused.status).toBe(503);
  expect(refused.headers.has('retry-after')).toBe(true);
  await expectPlaying(viewer, 'viewer');
  expect(await metric('sluice_draining')).toBe(1);
  expect(isDrained).toBe(false);
  await publisher.evaluate(() => window.peer.close('publisher'));
  await until('the viewer is told', () => viewer.evaluate(() => window.peer.dtlsState('viewer') !== 'connected'));
  await drained;
});
