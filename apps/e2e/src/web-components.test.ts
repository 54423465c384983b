import { fileURLToPath } from 'node:url';
import type { RunningServer } from '@sluice/server';
import type { Page } from 'playwright-core';
import { createServer } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { expectPlayback } from './support/playing.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

let browser: TestBrowser;
let server: RunningServer;
let publisher: Page;
let viewer: Page;

beforeAll(async () => {
  browser = await launchChromium(new URL('page/web-components.ts', import.meta.url));
});

afterAll(() => browser?.close());

beforeEach(async () => {
  [server, publisher, viewer] = await Promise.all([startTestServer(), browser.open(), browser.open()]);
});

afterEach(async () => {
  await Promise.all([publisher.context().close(), viewer.context().close()]);
  await server.close();
});

async function streams(): Promise<readonly { readonly readers: number }[]> {
  const rows: readonly { readonly readers: number }[] = await (await fetch(`${server.url}/api/v1/streams`)).json();
  return rows;
}

function show(page: Page, tag: 'sluice-player' | 'sluice-publisher', attributes: Record<string, string>): Promise<void> {
  return page.evaluate(([name, given]) => window.elements.show(name, given), [tag, attributes] as const);
}

/** Chromium decodes no sound for an element that is muted. */
function expectPicture(page: Page): Promise<unknown> {
  return expectPlayback('the player', () => page.evaluate(() => window.elements.playback()), { audio: false });
}

it('a person goes live with a click, another one watches, and each is told where it is', async () => {
  await show(viewer, 'sluice-player', { src: `${server.url}/whep/live/a`, autoplay: '', muted: '', controls: '' });
  await viewer.getByText('Waiting for the stream…').waitFor();
  await show(publisher, 'sluice-publisher', { src: `${server.url}/whip/live/a`, controls: '', width: '640', height: '360' });
  expect(await publisher.getByRole('status').textContent()).toBe('Ready to go live');
  await publisher.getByRole('button', { name: 'Go live' }).click();
  await expectPicture(viewer);
  await until('it shows figures', () => viewer.evaluate(() => /Mbit\/s · \d+p/.test(window.elements.figures())));

  await publisher.getByRole('button', { name: 'Mute the microphone' }).click();
  await publisher.getByRole('button', { name: 'Unmute the microphone' }).click();
  await viewer.locator('sluice-player').hover();
  await viewer.getByRole('button', { name: 'Unmute' }).click();
  await viewer.getByRole('button', { name: 'Mute' }).waitFor();
  await expectPlayback('the player', () => viewer.evaluate(() => window.elements.playback()));
  expect(await viewer.evaluate(() => window.elements.events())).toEqual(expect.arrayContaining(['statechange', 'stats']));

  await publisher.getByRole('button', { name: 'Stop' }).click();
  await publisher.getByRole('button', { name: 'Go live' }).waitFor();
  await viewer.getByText(/The stream (has stopped|is not live yet)/).waitFor();
  await publisher.getByRole('button', { name: 'Go live' }).click();
  await expectPicture(viewer);
  await viewer.evaluate(() => window.elements.remove());
  await until('the viewer is gone', async () => (await streams())[0]?.readers === 0);
});

it('another microphone is chosen while it is live, mute as the one before, and none stays open at the end', async () => {
  await publisher.evaluate(() => window.elements.watchCapture());
  await show(publisher, 'sluice-publisher', { src: `${server.url}/whip/live/a`, controls: '', width: '640', height: '360' });
  await publisher.getByRole('button', { name: 'Go live' }).click();
  await publisher.getByRole('button', { name: 'Mute the microphone' }).click();
  await publisher.getByRole('combobox', { name: 'Microphone' }).selectOption({ index: 1 });
  await until('it has opened another one', () => publisher.evaluate(() => window.elements.captured().length === 3));
  await until('the first one is closed', () => publisher.evaluate(() => window.elements.captured().filter(({ state }) => state === 'live').length === 2));
  await publisher.getByRole('button', { name: 'Unmute the microphone' }).waitFor();
  expect(await publisher.evaluate(() => window.elements.captured().at(-1))).toEqual({ kind: 'audio', state: 'live', enabled: false });
  await publisher.getByRole('button', { name: 'Stop' }).click();
  await until('all are closed', () => publisher.evaluate(() => window.elements.captured().every(({ state }) => state === 'ended')));
});

it('a player that does not start by itself waits for a click, and a refusal can be tried again', async () => {
  await show(publisher, 'sluice-publisher', { src: `${server.url}/whip/live/a`, autoplay: '', width: '640', height: '360' });
  await until('it is live', async () => (await streams()).length === 1);
  await show(viewer, 'sluice-publisher', { src: `${server.url}/whip/live/a` });
  await viewer.getByRole('button', { name: 'Go live' }).click();
  await viewer.getByText('Somebody else publishes this stream.').waitFor();
  await viewer.getByRole('button', { name: 'Try again' }).waitFor();
  await show(viewer, 'sluice-player', { src: `${server.url}/whep/live/a`, muted: '' });
  expect(await viewer.evaluate(() => window.elements.state())).toBe('new');
  await viewer.getByRole('button', { name: 'Play' }).click();
  await expectPicture(viewer);
});

it('the example page shows its own stream', async () => {
  const root = fileURLToPath(new URL('../../examples/web-page', import.meta.url));
  const proxy = { '/whip': server.url, '/whep': server.url };
  const vite = await createServer({ root, configFile: false, logLevel: 'error', cacheDir: `${root}/node_modules/.vite-test`, server: { host: 'localhost', port: 0, proxy } });
  try {
    await vite.listen();
    await viewer.goto(vite.resolvedUrls?.local[0] ?? '');
    await viewer.getByText('Waiting for the stream…').waitFor();
    await viewer.getByRole('button', { name: 'Go live' }).click();
    await expect.poll(() => viewer.title(), { timeout: 20_000 }).toBe('connected: /whep/live/page');
    await until('its picture moves', () => viewer.evaluate(() => {
      const video = document.querySelector('sluice-player')?.shadowRoot?.querySelector('video');
      return (video?.currentTime ?? 0) > 1 && (video?.videoWidth ?? 0) > 0;
    }));
  } finally {
    await vite.close();
  }
});
