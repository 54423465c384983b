import { readFile } from 'node:fs/promises';
import type { LogProducer } from '@sluice/client';
import type { RunningServer } from '@sluice/server';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { runPython } from './interop/example-process.ts';
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
  for (const line of lines(from, to)) producer.info(line, { of: 'Node' });
}

function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);
}

/** Waits until a page has so many lines of a system, and tells which. */
async function heard(page: Page, system: string, count: number): Promise<readonly string[]> {
  const list = await until(`${count} lines of ${system}`, async () => {
    const messages = await page.evaluate((name) => window.logs.heard(name), system);
    return messages.length >= count && messages;
  });
  return list;
}

it('two pages get all lines of a Node, a browser and a Python program in order, once each, also over a restart of the server', async () => {
  const url = endpoint();
  const node = produce('node');
  const browserProducer = await open();
  await browserProducer.evaluate((at) => window.logs.produce(at, 'browser'), url);
  write(node, 1, 2_000);
  await browserProducer.evaluate(() => window.logs.write(1, 2_000));

  const pages = [await open(), await open()] as const;
  await Promise.all(pages.map((page) => page.evaluate((at) => window.logs.consume(at), url)));
  await using python = runPython('log_producer.py', url, '--system', 'python');
  const allLive = (): Promise<unknown> => Promise.all(pages.map((page) => until('three systems are live', async () => (await page.evaluate(() => window.logs.live())).length === 3)));
  await allLive();
  python.write(`${lines(1, 100).join('\n')}\n`);
  await Promise.all(pages.map((page) => heard(page, 'python', 100)));

  // The server goes; the channels do not need it.
  await server.close();
  write(node, 2_001, 2_500);
  await browserProducer.evaluate(() => window.logs.write(2_001, 2_500));
  python.write(`${lines(101, 200).join('\n')}\n`);
  await Promise.all(pages.map((page) => heard(page, 'python', 200)));
  await until('all have seen it', async () => node.state === 'waiting' && (await Promise.all(pages.map((page) => page.evaluate(() => window.logs.state())))).every((state) => state !== 'registered'));

  server = await startTestServer({ http: { port: Number(new URL(url).port) } });
  await until('all are back', async () => node.state === 'registered' && (await Promise.all([browserProducer, ...pages].map((page) => page.evaluate(() => window.logs.state())))).every((state) => state === 'registered'));
  write(node, 2_501, 3_000);
  await browserProducer.evaluate(() => window.logs.write(2_501, 3_000));
  for (const page of pages) {
    // oxlint-disable-next-line no-await-in-loop
    const got = await Promise.all([heard(page, 'node', 3_000), heard(page, 'browser', 3_000), heard(page, 'python', 200)]);
    expect(got).toEqual([lines(1, 3_000), lines(1, 3_000), lines(1, 200)]);
  }
  expect(node.stats).toMatchObject({ dropped: 0, missed: 0, consumers: 2 });
});

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
