import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', '.turbo', '.git']);

/**
 * Every file below a folder, generated folders left out, in a stable order.
 * @param {string} folder
 * @returns {Promise<string[]>} full paths
 */
export async function filesBelow(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name));
  const below = await Promise.all(folders.map((entry) => filesBelow(path.join(folder, entry.name))));
  const here = entries.filter((entry) => entry.isFile()).map((entry) => path.join(folder, entry.name));
  return [...here, ...below.flat()].sort();
}

/**
 * One text for the names and contents of files and for other things that matter.
 * @param {{ folder: string, files: readonly string[], extra: readonly string[] }} inputs
 * @returns {Promise<string>} hexadecimal SHA-256
 */
export async function fingerprint({ folder, files, extra }) {
  const hash = createHash('sha256').update(JSON.stringify(extra));
  for (const file of files) {
    const content = await readFile(file);
    const name = path.relative(folder, file).split(path.sep).join('/');
    hash.update(JSON.stringify([name, content.length])).update(content);
  }
  return hash.digest('hex');
}

/**
 * Does `work` unless the stamp says that it has been done for the same inputs.
 * @param {object} task
 * @param {string} task.stampFile remembers the inputs of the last time
 * @param {string} task.inputs see {@link fingerprint}
 * @param {string} task.product file or folder that the work makes; gone = do it again
 * @param {() => Promise<void>} task.work
 * @returns {Promise<boolean>} whether there was something to do
 */
export async function onceFor({ stampFile, inputs, product, work }) {
  if (existsSync(product) && (await stampOf(stampFile)) === inputs) return false;
  await work();
  await mkdir(path.dirname(stampFile), { recursive: true });
  await writeFile(stampFile, inputs);
  return true;
}

/** @param {string} stampFile */
async function stampOf(stampFile) {
  return existsSync(stampFile) ? readFile(stampFile, 'utf8') : undefined;
}
