import { readFile } from 'node:fs/promises';
import { MediaError } from '@sluice/core';
import type { Source } from './source.ts';
import { jsonSource } from './yaml.ts';

/**
 * Changes that were made while a server ran. A file that is not there yet has none.
 * @throws MediaError CONFIG_INVALID when it cannot be read or understood
 */
export async function stateSource(file: string): Promise<Source> {
  const text = await readState(file);
  const source = jsonSource(file, text);
  return { ...source, kind: 'state' };
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
