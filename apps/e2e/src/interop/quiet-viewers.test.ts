import type { RunningServer } from '@sluice/server';
import { LoopbackPeer } from '@sluice/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { launchFirefox } from '../support/firefox.ts';
import { startTestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { startPeer } from './peer-process.ts';

/** Less than lies between two checks of any of them. */
const CLOSED_AFTER_MS = 1500;
/** Each lasts at least so long; together they are longer than the 6 s that RFC 7675 allows between two checks. */
const ROUNDS = 5;

let server: RunningServer;
let publisher: LoopbackPeer;

beforeEach(async () => {
  server = await startTestServer({ rtc: { disconnectedAfterMs: 900, closedAfterMs: CLOSED_AFTER_MS } });
  publisher = new LoopbackPeer({ direction: 'sendonly' });
  await publisher.connect(`${server.url}/whip/live/quiet`);
});

afterEach(async () => {
  await publisher.close();
  await server.close();
});

async function readers(): Promise<number> {
  const response = await fetch(`${server.url}/api/v1/streams`);
  const [stream] = (await response.json()) as { readers: number }[];
  return stream?.readers ?? 0;
}

it('viewers that are sent nothing answer when they are asked, and stay; one that vanished does not', async () => {
  const url = `${server.url}/whep/live/quiet`;
  const whep = { url, dialect: 'whip' } as const;
  const [chromium, firefox] = await Promise.all([launchChromium(), launchFirefox()]);
  const [tab, other] = await Promise.all([chromium.open(), firefox.open()]);
  await using aiortc = startPeer('aiortc_peer.py', 'play', url);
  await using gstreamer = startPeer('gstreamer_peer.py', 'play', url);
  await tab.evaluate((options) => window.peer.play('viewer', options), whep);
  await other.evaluate((options) => window.peer.play('viewer', options), whep);
  await Promise.all([aiortc.connected(), gstreamer.connected()]);
  await until('Chromium is connected', () => tab.evaluate(() => window.peer.state('viewer') === 'connected'));
  await until('Firefox is connected', () => other.evaluate(() => window.peer.state('viewer') === 'connected'));

  for (let round = 0; round < ROUNDS; round++) {
    const vanishing = new LoopbackPeer({ direction: 'recvonly' });
    await vanishing.connect(url);
    await until('the other one is connected', () => vanishing.state === 'connected');
    expect(await readers()).toBe(5);
    await vanishing.vanish();
    await until('it is gone', async () => (await readers()) < 5);
    await vanishing.close();
  }
  expect(await readers()).toBe(4);
  await Promise.all([chromium.close(), firefox.close()]);
});
