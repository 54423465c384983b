import type { RunningServer } from '@sluice/server';
import { SignJWT } from 'jose';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { expectPlaying } from './support/playing.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

const KEY = 'correct-horse-battery';
const SECRET = 'a secret that is long enough for HS256';
/** Long enough for a picture on a busy machine. */
const LIFETIME_S = 15;

let browser: TestBrowser;
let server: RunningServer;

beforeAll(async () => {
  browser = await launchChromium();
  server = await startTestServer({
    auth: { publish: { keys: [KEY] }, play: { keys: [] }, jwt: { keys: [{ secret: SECRET }], leewayMs: 0, endSessions: true } },
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

function sign(claims: object, expiresAt: number): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime(expiresAt).sign(new TextEncoder().encode(SECRET));
}

async function play(name: string, token: string): Promise<Page> {
  const page = await browser.open();
  const options = { name, whep: { dialect: 'whip', url: `${server.url}/whep/live/a?token=${token}`, channel: 'chat' } } as const;
  const { status } = await page.evaluate(({ name: viewer, whep }) => window.peer.play(viewer, whep), options);
  expect(status).toBe(201);
  await expectPlaying(page, name);
  await until('the channel is open', () => page.evaluate((viewer) => window.peer.channelState(viewer) === 'open', name));
  return page;
}

async function endOf(page: Page, name: string): Promise<void> {
  await until(`${name} is closed`, () => page.evaluate((viewer) => window.peer.state(viewer) !== 'connected', name), LIFETIME_S * 2_000);
}

it('a stream key publishes; a viewer sees and says what its token allows, for as long as it is valid', async () => {
  const publisher = await browser.open();
  const whip = { dialect: 'whip', url: `${server.url}/whip/live/a?token=${KEY}`, channel: 'chat' } as const;
  expect((await publisher.evaluate((options) => window.peer.publish('publisher', { ...options, url: options.url.replace(/token=.*/, 'token=some-other-key') }), whip)).status).toBe(401);
  expect((await publisher.evaluate((options) => window.peer.publish('publisher', options), whip)).status).toBe(201);

  const now = Math.floor(Date.now() / 1_000);
  const stays = await play('stays', await sign({ play: 'live/a', control: 'live/a' }, now + 3_600));
  const expiresAt = Math.floor(Date.now() / 1_000) + LIFETIME_S;
  const goes = await play('goes', await sign({ play: 'live/*' }, expiresAt));

  await goes.evaluate(() => window.peer.send('goes', 'may not control'));
  await stays.evaluate(() => window.peer.send('stays', 'may control'));
  await until('the message arrives', async () => (await publisher.evaluate(() => window.peer.messages('publisher'))).includes('may control'));

  await endOf(goes, 'goes');
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt * 1_000);
  expect(await (await fetch(`${server.url}/api/v1/sessions`, { headers: { authorization: `Bearer ${server.adminToken}` } })).text()).toContain('lifetime over');
  expect(await publisher.evaluate(() => window.peer.messages('publisher'))).toEqual(['may control']);
  await expectPlaying(stays, 'stays');
});
