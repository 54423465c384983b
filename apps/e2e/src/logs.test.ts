import { readFile } from 'node:fs/promises';
import type { LogProducer } from '@sluice/client';
import type { RunningServer } from '@sluice/server';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { startLogProducer } from './support/node-log-producer.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

const undo: (() => unknown)[] = [];
let browser: TestBrowser;
let server: RunningServer;

beforeAll(async () => {
  browser = await launchChromium(new URL('page/logs.ts', import.meta.url));
});

afterAll(() => browser?.close());

beforeEach(async () => {
  server = await startTestServer();
});

afterEach(async () => {
  for (const task of undo.splice(0).toReversed()) await task();
  await server.close();
});

async function open(): Promise<Page> {
  const page = await browser.open();
  undo.push(() => page.context().close());
  return page;
}

function endpoint(): string {
  return `${server.url.replace('http', 'ws')}/signaling`;
}

function produce(systemName: string): LogProducer {
  const producer = startLogProducer({ url: endpoint(), systemName });
  undo.push(() => producer.close());
  return producer;
}

function write(producer: LogProducer, from: number, to: number): void {
  for (let line = from; line <= to; line += 1) producer.info(`line ${line}`, { of: 'Node' });
}

it('the console shows a burst of several systems with few rows in the page, filters, pauses and exports it', async () => {
  const [shop, mailer] = [produce('shop'), produce('mailer')];
  const page = await open();
  await page.goto(`${server.url}/#logs`);
  await page.getByRole('checkbox', { name: /shop live/ }).waitFor();
  await page.getByRole('checkbox', { name: /mailer live/ }).waitFor();
  // Ten thousand a second for three seconds, from each a half.
  for (let line = 1; line <= 15_000; line += 100) {
    write(shop, line, line + 99);
    write(mailer, line, line + 99);
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
  await page.getByText('30,000 received').waitFor();
  expect([shop.stats.dropped, mailer.stats.dropped]).toEqual([0, 0]);
  const row = page.locator('.line');
  expect(await row.count()).toBeLessThan(100);

  mailer.error('no route to the mail server', { host: 'mx.example.org', order: 4711 });
  await page.getByPlaceholder(/Filter/).fill('order=4711 route');
  await row.filter({ hasText: 'no route to the mail server' }).click();
  await until('only this line is left', async () => (await row.count()) === 1);
  await page.getByRole('complementary').getByText('mx.example.org').waitFor();
  await page.getByRole('log').press('Escape');
  expect(await page.getByRole('complementary').count()).toBe(0);
  await page.getByRole('log').press('ArrowUp');
  await page.getByRole('complementary').getByText('mx.example.org').waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()]);
  const exported = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n').map((text) => JSON.parse(text) as unknown);
  expect(exported).toMatchObject([{ system: 'mailer', level: 'ERROR', message: 'no route to the mail server', fields: { order: 4711 } }]);

  await page.getByPlaceholder(/Filter/).fill('');
  await page.getByRole('button', { name: 'Pause' }).click();
  shop.warn('after the pause began');
  await page.getByText('Paused · 1 new').waitFor();
  expect(await row.filter({ hasText: 'after the pause began' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Go on' }).click();
  await row.filter({ hasText: 'after the pause began' }).waitFor();
  await page.getByRole('log').press('ArrowDown');
  await page.getByRole('complementary').getByText('after the pause began').waitFor();
  await page.getByRole('log').press('ArrowUp');
  await page.getByRole('complementary').getByText('mx.example.org').waitFor();
});
