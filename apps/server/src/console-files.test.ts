import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { consoleRoutes } from './console-files.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-console-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function build(): Promise<void> {
  await mkdir(path.join(folder, 'assets'));
  await writeFile(path.join(folder, 'index.html'), '<!doctype html><title>Sluice</title>');
  await writeFile(path.join(folder, 'assets/index-4f2a.js'), 'export {};');
}

test('the page is asked for again every time, its assets never', async () => {
  await build();
  const app = consoleRoutes(folder);
  const page = await app.request('/');
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect(await page.text()).toContain('<title>Sluice</title>');

  const script = await app.request('/assets/index-4f2a.js');
  expect(script.headers.get('content-type')).toContain('javascript');
  expect(script.headers.get('cache-control')).toContain('immutable');
});

test.each(['/absent.js', '/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json'])('%s is not found', async (url) => {
  await build();
  expect((await consoleRoutes(folder).request(url)).status).toBe(404);
});

test('a console that was not built says how to build it', async () => {
  const page = await consoleRoutes(folder).request('/');
  expect(page.status).toBe(503);
  expect(await page.text()).toContain('npm start');
});
