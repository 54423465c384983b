import { type Browser, type Page, chromium } from 'playwright-core';
import { servePage } from './page-origin.ts';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

/** A real Chromium with a camera and a microphone that are not. */
export interface TestBrowser {
  /** A new tab with the test page loaded. */
  open(): Promise<Page>;
  close(): Promise<void>;
}

/**
 * Launches the one that `E2E_CHROMIUM` names, or that of Debian's package.
 * @param script of the page, in TypeScript; that of the tests by default
 */
export async function launchChromium(script?: URL): Promise<TestBrowser> {
  const executablePath = process.env['E2E_CHROMIUM'] ?? '/usr/bin/chromium';
  const [browser, origin] = await Promise.all([chromium.launch({ executablePath, args: ARGUMENTS }), servePage(script)]);
  return {
    open: () => openPage(browser, origin.url),
    async close() {
      await browser.close();
      await origin.close();
    },
  };
}

async function openPage(browser: Browser, url: string): Promise<Page> {
  // A context of its own, so that one test's tab cannot disturb another's.
  const context = await browser.newContext();
  const page = await context.newPage();
  // Its script has run when this returns, because a module runs before the load event.
  await page.goto(url);
  return page;
}
