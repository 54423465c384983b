import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { runPython } from './interop/example-process.ts';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { startLogProducer } from './support/node-log-producer.ts';
import { startServerProcess } from './support/server-process.ts';
import { until } from './support/until.ts';

const SYSTEMS = ['node', 'browser', 'python'] as const;
type System = (typeof SYSTEMS)[number];

const undo: (() => unknown)[] = [];
let browser: TestBrowser;

beforeAll(async () => {
  browser = await launchChromium(new URL('page/logs.ts', import.meta.url));
});

afterAll(() => browser?.close());

afterEach(async () => {
  for (const task of undo.splice(0).toReversed()) await task();
});

async function open(): Promise<Page> {
  const page = await browser.open();
  undo.push(() => page.context().close());
  return page;
}

function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);
}

type Write = (from: number, to: number) => unknown;

/** Writes lines without a break, about 200 a second, so that what is kept of a minute fits into every buffer. */
class Writing {
  last = 0;
  readonly #writers: readonly Write[];
  #isStopped = false;
  readonly #ended: Promise<void>;

  constructor(writers: readonly Write[]) {
    this.#writers = writers;
    this.#ended = this.#run();
  }

  /** Waits until so many more lines are written, and tells the number of the last. */
  async goesOn(count: number): Promise<number> {
    const { last } = this;
    return until(`${count} more lines are written`, () => this.last >= last + count && this.last);
  }

  async stop(): Promise<number> {
    this.#isStopped = true;
    await this.#ended;
    return this.last;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const [from, to] = [this.last + 1, this.last + 5];
      await Promise.all(this.#writers.map((write) => write(from, to)));
      this.last = to;
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  }
}

function heard(page: Page, system: System): Promise<readonly string[]> {
  return page.evaluate((name) => window.logs.heard(name), system);
}

/** Waits until a page has this line of every system. */
async function hears(page: Page, line: number): Promise<void> {
  for (const system of SYSTEMS) await until(`the page has line ${line} of ${system}`, async () => (await heard(page, system)).includes(`line ${line}`));
}

async function isLive(page: Page): Promise<void> {
  await until('all systems are live', async () => (await page.evaluate(() => window.logs.live())).length === SYSTEMS.length);
}

it('two pages get every line of a Node, a browser and a Python program once and in order, though the server is killed while they write, and connections break', async () => {
  let server = await startServerProcess();
  undo.push(() => server.close());
  const url = `${server.url.replace('http', 'ws')}/signaling`;
  const node = startLogProducer({ url, systemName: 'node' });
  undo.push(() => node.close());
  await using python = runPython('log_producer.py', url, '--system', 'python');
  const [browserProducer, steady, broken, closed] = await Promise.all([open(), open(), open(), open()]);
  await browserProducer.evaluate((at) => window.logs.produce(at, 'browser'), url);

  const writing = new Writing([
    (from, to) => {
      for (const line of lines(from, to)) node.info(line);
    },
    (from, to) => browserProducer.evaluate(([first, last]) => window.logs.write(first, last), [from, to] as const),
    (from, to) => python.write(`${lines(from, to).join('\n')}\n`),
  ]);
  undo.push(() => writing.stop());
  await Promise.all([steady, broken, closed].map((page) => page.evaluate((at) => window.logs.consume(at), url)));
  for (const page of [steady, broken, closed]) await isLive(page);
  const early = await writing.goesOn(200);
  for (const page of [steady, broken, closed]) await hears(page, early);

  await server.kill();
  // The channels do not need the server.
  const orphaned = await writing.goesOn(200);
  for (const page of [steady, broken, closed]) await hears(page, orphaned);
  await broken.evaluate(() => window.logs.breakConnections());
  for (const system of SYSTEMS) {
    const messages = await heard(closed, system);
    expect(messages).toEqual(lines(1, messages.length));
  }
  await closed.context().close();
  // What is written now waits for the page until there is a server again.
  const waiting = await writing.goesOn(400);
  await hears(steady, waiting);
  expect(await heard(broken, 'python')).not.toContain(`line ${waiting}`);

  server = await startServerProcess(Number(new URL(server.url).port));
  const late = await open();
  await late.evaluate((at) => window.logs.consume(at), url);
  await hears(broken, waiting);
  await isLive(late);
  // Once more, now that the server can help at once.
  await broken.evaluate(() => window.logs.breakConnections());
  const again = await writing.goesOn(200);
  await hears(broken, again);

  const last = await writing.stop();
  for (const page of [steady, broken, late]) await hears(page, last);
  for (const system of SYSTEMS) {
    for (const page of [steady, broken]) expect(await heard(page, system), system).toEqual(lines(1, last));
    const messages = await heard(late, system);
    expect(messages, system).toEqual(lines(last - messages.length + 1, last));
  }
  expect(node.stats).toMatchObject({ dropped: 0, missed: 0 });
  expect(await python.finish()).toBe(0);
  expect(python.output).toContain('0 entries were dropped, 0 were missed by single pages.');
}, 120_000); // It takes half a minute, of which Python's pauses between two connections are ten seconds.
