import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { filesBelow, fingerprint, onceFor } from './stamp.mjs';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-stamp-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function write(name: string, content: string): Promise<void> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}

async function fingerprintOfFolder(extra: readonly string[] = []): Promise<string> {
  return fingerprint({ folder, files: await filesBelow(folder), extra });
}

test('files below a folder do not include what is generated', async () => {
  await write('b.ts', '');
  await write('src/a.ts', '');
  await write('node_modules/x/index.js', '');
  await write('src/dist/a.js', '');
  expect(await filesBelow(folder)).toEqual([path.join(folder, 'b.ts'), path.join(folder, 'src/a.ts')]);
});

test('the fingerprint changes with content, name and extra, and only with them', async () => {
  await write('a.txt', 'one');
  const first = await fingerprintOfFolder();
  expect(await fingerprintOfFolder()).toBe(first);
  expect(await fingerprintOfFolder(['v26'])).not.toBe(first);

  await write('a.txt', 'two');
  const second = await fingerprintOfFolder();
  expect(second).not.toBe(first);

  await rm(path.join(folder, 'a.txt'));
  await write('b.txt', 'two');
  expect(await fingerprintOfFolder()).not.toBe(second);
});

test('work is done once for the same inputs and again when they or the product changed', async () => {
  const product = path.join(folder, 'product');
  const work = vi.fn(() => writeFile(product, ''));
  const task = { stampFile: path.join(folder, 'state/stamp'), product, work };

  expect(await onceFor({ ...task, inputs: 'a' })).toBe(true);
  expect(await onceFor({ ...task, inputs: 'a' })).toBe(false);
  expect(await onceFor({ ...task, inputs: 'b' })).toBe(true);
  await rm(product);
  expect(await onceFor({ ...task, inputs: 'b' })).toBe(true);
  expect(work).toHaveBeenCalledTimes(3);
});

test('work that failed is done again', async () => {
  const task = { stampFile: path.join(folder, 'stamp'), product: folder, inputs: 'a' };
  await expect(onceFor({ ...task, work: () => Promise.reject(new Error('no network')) })).rejects.toThrow('no network');
  expect(await onceFor({ ...task, work: () => Promise.resolve() })).toBe(true);
});
