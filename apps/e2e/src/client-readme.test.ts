import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { RunningServer } from '@sluice/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { startTestServer } from './support/test-server.ts';

const README = await readFile(new URL('../../../packages/client/README.md', import.meta.url), 'utf8');
const SNIPPETS = Array.from(README.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = '']) => code)
  // Hand-written tracks and loggers of Node are no matter of a page.
  .filter((code) => !/writeRtp|winston|pino/.test(code));

let server: RunningServer;
let browser: TestBrowser;
let folder: string;

beforeAll(async () => {
  server = await startTestServer({ demo: true, relay: { enabled: true } });
  // Beside the tests, so that what the snippets import is found.
  folder = await mkdtemp(fileURLToPath(new URL('../snippets-', import.meta.url)));
  const script = path.join(folder, 'snippets.ts');
  await writeFile(script, scriptOf(SNIPPETS, server.url));
  browser = await launchChromium(pathToFileURL(script));
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A page that can run each snippet, with what it takes from the page around it. */
function scriptOf(snippets: readonly string[], url: string): string {
  const functions = snippets.map((code) => `async () => {\n${atServer(code, url)}\n}`);
  return `import * as sluice from '@sluice/client';
const video = Object.assign(document.createElement('video'), { autoplay: true });
document.body.append(video);
const token = undefined;
const sdp = 'v=0';
const media = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
const client = new sluice.PeerClient({ url: '${url}/ws' });
window.snippets = [${functions.join(',\n')}];
`;
}

/** The snippet with the addresses of this server, which shows `live/demo`. */
function atServer(code: string, url: string): string {
  return code
    .replaceAll(/^import .* from 'werift';.*$/gm, '')
    .replaceAll(/^import (\{.*\}) from '@sluice\/client';$/gm, 'const $1 = sluice;')
    .replaceAll('https://example.org', url)
    .replaceAll('wss://example.org', url.replace('http', 'ws'))
    .replaceAll(/'\/(whip|whep|index)\//g, `'${url}/$1/`)
    .replaceAll('/whep/live/cam', '/whep/live/demo')
    .replaceAll('stream=cam&type=play', 'stream=demo&type=play')
    .replace("play({ app: 'live', stream: 'desktop'", "play({ app: 'live', stream: 'demo'");
}

it.each(SNIPPETS.map((code, index) => ({ index, code })))('this runs in a page:\n$code', async ({ index }) => {
  await using page = await browser.open();
  const failures: string[] = [];
  page.on('pageerror', ({ message }) => failures.push(message));
  await page.waitForFunction('window.snippets');
  await page.evaluate((which) => (window as unknown as { snippets: (() => Promise<void>)[] }).snippets[which]!(), index);
  expect(failures).toEqual([]);
}, 30_000);
