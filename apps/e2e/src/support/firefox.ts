import { existsSync } from 'node:fs';
import { type Browser, type Page, launch } from 'puppeteer-core';
import type { Playback, PublishOptions } from '../page/peer.ts';
import { servePage } from './page-origin.ts';
import { type Expected, expectPlayback } from './playing.ts';

const PREFERENCES = {
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  'media.navigator.permission.disabled': true,
  'media.navigator.streams.fake': true,
};

type VideoCodec = NonNullable<PublishOptions['videoCodec']>;

/** Of these Firefox always has VP8 and VP9; H264 comes with OpenH264, which a running Firefox downloads and a fresh profile lacks. */
const VIDEO_CODECS: readonly VideoCodec[] = ['VP8', 'VP9', 'H264'];

/** A real Firefox with a camera and a microphone that are not. */
export interface TestFirefox {
  readonly videoCodecs: readonly VideoCodec[];
  /** A new tab with the test page loaded. */
  open(): Promise<Page>;
  close(): Promise<void>;
}

/** Playwright drives a Firefox of its own only; this one is Debian's, driven over WebDriver BiDi. */
export async function launchFirefox(executablePath = process.env['E2E_FIREFOX'] ?? '/usr/bin/firefox-esr'): Promise<TestFirefox> {
  if (!existsSync(executablePath)) throw new Error(`There is no Firefox at ${executablePath}: install the Debian package firefox-esr.`);
  const [browser, origin] = await Promise.all([
    launch({ browser: 'firefox', executablePath, headless: true, extraPrefsFirefox: PREFERENCES }),
    servePage(),
  ]);
  return {
    videoCodecs: await supportedVideoCodecs(browser),
    open: () => openPage(browser, origin.url),
    async close() {
      await browser.close();
      await origin.close();
    },
  };
}

/** Waits until the player of a Firefox page really plays. */
export function expectFirefoxPlaying(page: Page, name: string, expected?: Expected): Promise<Playback> {
  return expectPlayback(name, () => page.evaluate((connection) => window.peer.playback(connection), name), expected);
}

async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(() => 'peer' in window);
  return page;
}

async function supportedVideoCodecs(browser: Browser): Promise<readonly VideoCodec[]> {
  await using page = await browser.newPage();
  const types = await page.evaluate(() => (RTCRtpSender.getCapabilities('video')?.codecs ?? []).map(({ mimeType }) => mimeType));
  return VIDEO_CODECS.filter((name) => types.includes(`video/${name}`));
}
