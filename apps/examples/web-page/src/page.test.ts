import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import { expect, onTestFinished, test } from 'vitest';

test('the page is served, and its script brings the elements', async () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const vite = await createServer({ root, configFile: false, logLevel: 'error', server: { host: '127.0.0.1', port: 0 } });
  onTestFinished(() => vite.close());
  await vite.listen();
  const [url = ''] = vite.resolvedUrls?.local ?? [];
  expect(await (await fetch(url)).text()).toContain('<sluice-player');
  const script = await (await fetch(new URL('src/page.ts', url))).text();
  expect(script).toMatch(/from "\/.*client\/src\/web-components\/index\.ts"/);
}, 30_000);
