import type { InputEvent } from '@sluice/client';
import type { RunningServer } from '@sluice/server';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { expectPlayback } from './support/playing.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

let browser: TestBrowser;
let server: RunningServer;
let desk: Page;
let controller: Page;
const url = () => `${server.url.replace('http', 'ws')}/ws`;

beforeAll(async () => {
  browser = await launchChromium(new URL('page/remote-desktop.ts', import.meta.url));
});

afterAll(() => browser?.close());

beforeEach(async () => {
  [server, desk, controller] = await Promise.all([startTestServer(), browser.open(), browser.open()]);
});

afterEach(async () => {
  await Promise.all([desk.context().close(), controller.context().close()]);
  await server.close();
});

/** As many as a hand makes in a few seconds: the mouse is moved, pressed, dragged and let go, and a key is hit. */
function gestures(rounds: number): InputEvent[] {
  return Array.from({ length: rounds }, (_, round): InputEvent[] => [
    { type: 'mouse-move', x: round, y: 2 * round, modifiers: [] },
    { type: 'mouse-click', x: round, y: 2 * round, button: 'left', action: 'down', modifiers: ['ctrl'] },
    { type: 'mouse-move', x: round + 0.5, y: 2 * round, button: 'left', modifiers: ['ctrl'] },
    { type: 'mouse-click', x: round + 0.5, y: 2 * round, button: 'left', action: 'up', modifiers: ['ctrl'] },
    { type: 'key-press', key: 'ä', keyCode: 'Quote', action: 'down', modifiers: ['shift'], repeat: round % 2 === 0 },
  ]).flat();
}

async function shareAndWatch(withChannel: boolean): Promise<void> {
  await desk.evaluate((options) => window.desktop.share(options), { url: url(), peerId: 1, stream: 'desk', withChannel });
  await until('the screen is shared', () => desk.evaluate(() => window.desktop.state() === 'connected'));
  await controller.evaluate((options) => window.desktop.watch(options), { url: url(), peerId: 'controller', stream: 'desk' });
  await expectPlayback('the controller', () => controller.evaluate(() => window.desktop.playback()));
}

it('a page sees the screen of another one and controls it, all over /ws, with every move, click and key in its order', async () => {
  await shareAndWatch(false);
  const events = gestures(60);
  expect(await controller.evaluate((given) => window.desktop.control(given), events)).toBe(events.length);
  await until('all input is there', async () => (await desk.evaluate(() => window.desktop.inputs().length)) >= events.length);
  expect(await desk.evaluate(() => window.desktop.inputs())).toMatchObject(events);
  expect(await controller.evaluate(() => window.desktop.errors())).toEqual([]);
  expect(await controller.evaluate(() => window.desktop.stats())).toMatchObject({ webrtc: { sessions: [{}] } });

  await desk.evaluate(() => window.desktop.close());
  await until('the controller is told that the screen is gone', () => controller.evaluate(() => window.desktop.errors().length > 0));
});

it('input comes by the data channel of a publisher that has one, in its order', async () => {
  await shareAndWatch(true);
  const events = gestures(60);
  await controller.evaluate((given) => window.desktop.control(given), events);
  await until('all input is there', async () => (await desk.evaluate(() => window.desktop.texts().length)) >= events.length);
  const messages = (await desk.evaluate(() => window.desktop.texts())).map((text) => JSON.parse(text));
  expect(messages.map(({ type, data }) => ({ type, x: data.x ?? data.key }))).toEqual(events.map((event) => ({ type: event.type, x: event.type === 'key-press' ? event.key : event.x })));
  expect(messages.every(({ data }) => data.from === 'controller')).toBe(true);
  expect(await desk.evaluate(() => window.desktop.inputs())).toEqual([]);
});
