import type { ServerConfigInput } from '@sluice/config';
import type { RunningServer } from '@sluice/server';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type TestBrowser, launchChromium } from './chromium.ts';
import { startTestServer } from './test-server.ts';

/** What most tests play on; everything but the browser is new for each test. */
export interface Stage {
  readonly server: RunningServer;
  readonly publisher: Page;
  readonly viewer: Page;
  /** One more tab, closed after the test. */
  open(): Promise<Page>;
  /** For a test that needs other settings; nothing of the server before is left. */
  restart(config: ServerConfigInput): Promise<void>;
}

/**
 * Sets the stage for each test of the file that calls it: a server, and two tabs of one Chromium.
 * @param config of the server, beside what every test's server has
 */
export function useStage(config?: ServerConfigInput): Stage {
  const pages: Page[] = [];
  let browser: TestBrowser;

  async function open(): Promise<Page> {
    const page = await browser.open();
    pages.push(page);
    return page;
  }

  async function restart(config: ServerConfigInput): Promise<void> {
    await stage.server.close();
    stage.server = await startTestServer(config);
  }

  const stage = { open, restart } as { -readonly [Part in keyof Stage]: Stage[Part] };

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(() => browser?.close());

  beforeEach(async () => {
    [stage.server, stage.publisher, stage.viewer] = await Promise.all([startTestServer(config), open(), open()]);
  });

  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.context().close()));
    await stage.server.close();
  });

  return stage;
}
