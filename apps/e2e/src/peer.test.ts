import type { RunningServer } from '@sluice/server';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { expectPlayback } from './support/playing.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

const DESK = { app: 'live', stream: 'desk' };

let browser: TestBrowser;
let server: RunningServer;

beforeAll(async () => {
  browser = await launchChromium(new URL('page/socket-peer.ts', import.meta.url));
});

afterAll(() => browser?.close());

beforeEach(async () => {
  server = await startTestServer({ demo: true });
});

afterEach(() => server.close());

/** A tab that has said hello. */
async function open(id: string | number): Promise<Page> {
  const page = await browser.open();
  const url = `${server.url.replace(/^http/, 'ws')}/ws`;
  const welcome = await page.evaluate(([where, peerId]) => window.socketPeer.connect(where, peerId), [url, id] as const);
  expect(welcome).toMatchObject({ peer_id: id, data: { session_config: { heartbeat_interval: 30_000 } } });
  return page;
}

const expectPicture = (page: Page): Promise<unknown> => expectPlayback('the page', () => page.evaluate(() => window.socketPeer.playback()));

describe('a page that knows nothing but the URL of the socket', () => {
  it.each([
    ['as they stand in the offer', false],
    ['one by one', true],
  ])('sees and hears the demo stream, with the candidates of the server %s', async (_how, trickleOnly) => {
    const page = await open(7);
    await page.evaluate((how) => window.socketPeer.play({}, how), { trickleOnly });
    await expectPicture(page);
    expect(await page.evaluate(() => [window.socketPeer.errors(), window.socketPeer.trickled() > 0])).toEqual([[], true]);
    await page.context().close();
  });
});

describe('a remote desktop', () => {
  it.each([
    ['its socket', {}],
    ['its data channel', { channel: 'input' }],
  ])('is seen in another page, whose mouse and keys come to it in order over %s', async (_way, options) => {
    const [desk, controller] = await Promise.all([open('desk'), open(7)]);
    await desk.evaluate(([names, how]) => window.socketPeer.publish(names, how), [DESK, options] as const);
    await controller.evaluate((names) => window.socketPeer.play(names), DESK);
    await expectPicture(controller);
    await controller.evaluate(() => window.socketPeer.control());
    for (let step = 0; step < 20; step++) {
      await controller.mouse.move(100 + step, 200 - step);
      await controller.keyboard.press(String.fromCodePoint(97 + step));
    }
    await controller.mouse.click(150, 150);
    const wanted = 20 * 3 + 3;
    const inputs = await until('all input has come', async () => {
      const got = await desk.evaluate(() => window.socketPeer.inputs());
      return got.length >= wanted ? got : undefined;
    });
    const steps = Array.from({ length: 20 }, (_, step) => [`move ${100 + step},${200 - step}`, `key ${String.fromCodePoint(97 + step)} down`, `key ${String.fromCodePoint(97 + step)} up`]);
    const words = inputs.map(({ type, data }) => (type === 'key-press' ? `key ${String(data['key'])} ${String(data['action'])}` : `${type === 'mouse-move' ? 'move' : String(data['action'])} ${String(data['x'])},${String(data['y'])}`));
    expect(words).toEqual([...steps.flat(), 'move 150,150', 'down 150,150', 'up 150,150']);
    expect(new Set(inputs.map(({ data }) => data['from']))).toEqual(new Set([7]));
    expect(await Promise.all([desk, controller].map((page) => page.evaluate(() => window.socketPeer.errors())))).toEqual([[], []]);
    await Promise.all([desk.context().close(), controller.context().close()]);
  });
});
