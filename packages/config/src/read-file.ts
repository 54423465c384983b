import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MediaError } from '@sluice/core';
import { parse as parseYaml } from 'yaml';

const EXTENSIONS = ['.json', '.yaml', '.yml', '.ts', '.mts', '.js', '.mjs'];

/**
 * The content of a config file, not checked yet.
 * @throws MediaError CONFIG_INVALID when the file cannot be read or understood
 */
export async function readConfigFile(file: string): Promise<unknown> {
  const extension = path.extname(file);
  if (!EXTENSIONS.includes(extension)) {
    throw new MediaError('CONFIG_INVALID', `${file}: a config file ends in one of ${EXTENSIONS.join(', ')}.`);
  }
  try {
    if (extension === '.json') return JSON.parse(await readFile(file, 'utf8'));
    if (extension === '.yaml' || extension === '.yml') return parseYaml(await readFile(file, 'utf8')) ?? {};
    return await importDefault(file);
  } catch (error) {
    if (MediaError.is(error)) throw error;
    throw new MediaError('CONFIG_INVALID', `${file}: ${whyUnreadable(error)}.`, { cause: error });
  }
}

async function importDefault(file: string): Promise<unknown> {
  const module: unknown = await import(pathToFileURL(file).href);
  if (typeof module === 'object' && module !== null && 'default' in module) return module.default;
  throw new MediaError('CONFIG_INVALID', `${file}: a config file in JavaScript or TypeScript must export the configuration as default.`);
}

function whyUnreadable(error: unknown): string {
  if (!(error instanceof Error)) return `the config file threw ${String(error)}`;
  if ('code' in error && error.code === 'ENOENT') return 'there is no such config file';
  const firstLine = error.message.split('\n')[0] ?? '';
  return `the config file could not be read: ${firstLine.replace(/[.:]$/, '')}`;
}
