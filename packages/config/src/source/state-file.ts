import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { MediaError } from '@sluice/core';
import type { Tree } from '../settings/tree.ts';
import type { Source } from './source.ts';
import { jsonSource } from './yaml.ts';

/** Only who runs the server reads it: it may hold secrets. */
const MODE = 0o600;

/**
 * Changes that were made while a server ran. A file that is not there yet has none.
 * @throws MediaError CONFIG_INVALID when it cannot be read or understood
 */
export async function stateSource(file: string): Promise<Source> {
  const text = await readState(file);
  const source = jsonSource(file, text);
  return { ...source, kind: 'state' };
}

/**
 * Writes the changes so that a crash leaves the old file or the new one, never a part.
 * @throws MediaError CONFIG_INVALID when it cannot be written
 */
export async function writeState(file: string, changes: Tree): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeThrough(temporary, `${JSON.stringify(changes, undefined, 2)}\n`);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new MediaError('CONFIG_INVALID', `The state file ${file} cannot be written: ${wordsOf(error)}.`, { cause: error });
  }
}

/** To the disk, not only to the system's memory. */
async function writeThrough(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', MODE);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readState(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '{}';
    throw new MediaError('CONFIG_INVALID', `${file}: the state file cannot be read: ${wordsOf(error)}.`, { cause: error });
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
