import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { MediaError } from '@sluice/core';
import { iniSource } from './ini/ini-source.ts';
import { scriptSource } from './script.ts';
import type { Source } from './source.ts';
import { tomlSource } from './toml.ts';
import { jsonSource, yamlSource } from './yaml.ts';

const TEXT_READERS: Readonly<Record<string, (file: string, text: string) => Source>> = {
  '.json': jsonSource,
  '.yaml': yamlSource,
  '.yml': yamlSource,
  '.toml': tomlSource,
  '.ini': iniSource,
};

const SCRIPT_EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];

const EXTENSIONS = [...Object.keys(TEXT_READERS), ...SCRIPT_EXTENSIONS];

/**
 * The content of a config file, not checked yet.
 * @throws MediaError CONFIG_INVALID when the file cannot be read or understood
 */
export async function readConfigFile(file: string): Promise<Source> {
  const extension = path.extname(file);
  if (!EXTENSIONS.includes(extension)) {
    throw new MediaError('CONFIG_INVALID', `${file}: a config file ends in one of ${EXTENSIONS.join(', ')}.`);
  }
  try {
    const readText = TEXT_READERS[extension];
    if (!readText) return await scriptSource(file);
    // A byte order mark, as some editors leave it, belongs to none of the formats.
    return readText(file, (await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
  } catch (error) {
    if (MediaError.is(error)) throw error;
    throw new MediaError('CONFIG_INVALID', `${file}: ${whyUnreadable(error)}.`, { cause: error });
  }
}

/**
 * The config file of a folder: `sluice.config.` and one of the extensions.
 * @returns undefined when there is none
 * @throws MediaError CONFIG_INVALID when there are several
 */
export async function findConfigFile(folder: string): Promise<string | undefined> {
  const names = new Set(EXTENSIONS.map((extension) => `sluice.config${extension}`));
  const found = (await filesOf(folder)).filter((name) => names.has(name)).toSorted();
  if (found.length > 1) {
    throw new MediaError('CONFIG_INVALID', `${folder} has ${found.join(' and ')}: remove all but one, or name one with --config.`);
  }
  return found[0] === undefined ? undefined : path.join(folder, found[0]);
}

async function filesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    // A folder that cannot be listed has nothing for us.
    return [];
  }
}

function whyUnreadable(error: unknown): string {
  if (!(error instanceof Error)) return `the config file threw ${String(error)}`;
  if ('code' in error && error.code === 'ENOENT') return 'there is no such config file';
  const firstLine = error.message.split('\n')[0] ?? '';
  return `the config file could not be read: ${firstLine.replace(/[.:]$/, '')}`;
}
