import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MediaError } from '@sluice/core';
import type { Source } from './source.ts';

/** A config file in JavaScript or TypeScript, which may hold plugins themselves. */
export async function scriptSource(file: string): Promise<Source> {
  // Node keeps what it has imported; a file that was changed since must be another module to it. Tools that look at the end of the URL must see what it is.
  const { mtimeMs } = await stat(file);
  const module: unknown = await import(`${pathToFileURL(file).href}?changed=${mtimeMs}${path.extname(file)}`);
  if (typeof module !== 'object' || module === null || !('default' in module)) {
    throw new MediaError('CONFIG_INVALID', `${file}: a config file in JavaScript or TypeScript must export the configuration as default.`);
  }
  return { kind: 'file', value: module.default, placeOf: () => ({ where: file }) };
}
