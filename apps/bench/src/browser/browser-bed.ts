import { type TestBrowser, launchChromium } from '@sluice/e2e/chromium';
import type { Page } from 'playwright-core';
import type { PartContext } from '../parts/part.ts';
import { type RunningServer, startServer } from '../servers/running-server.ts';

const PAGE_SCRIPT = new URL('./page.ts', import.meta.url);

export type BrowserCodec = 'VP8' | 'H264';

/** A fresh server with a Chromium whose tabs publish and play. */
export interface BrowserBed extends AsyncDisposable {
  readonly server: RunningServer;
  /** A tab of its own. */
  open(): Promise<Page>;
  /** @returns URL of an endpoint for a stream */
  endpoint(protocol: 'whip' | 'whep', stream: string): string;
}

/** @throws Error when there is no Chromium, or the server does not start */
export async function openBrowserBed(context: PartContext): Promise<BrowserBed> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await startServer('native', context));
  const browser: TestBrowser = await launchChromium(PAGE_SCRIPT);
  opened.defer(() => browser.close());
  const all = opened.move();
  return {
    server,
    open: () => browser.open(),
    endpoint: (protocol, stream) => `${server.signalling.url}/${protocol}/bench/${stream}`,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
