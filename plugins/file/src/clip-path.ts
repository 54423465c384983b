import { realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { MediaError } from '@sluice/core';

/**
 * Where a clip is, links followed.
 * @throws MediaError SOURCE_FAILED when there is none, or it is outside of the folder
 */
export async function clipPath(folder: string, file: string): Promise<string> {
  const root = await realpath(folder).catch((error: unknown) => {
    throw new MediaError('SOURCE_FAILED', 'The folder of the clips does not exist.', { cause: error });
  });
  // Before it is looked for: whether something exists outside is nobody's business.
  refuseOutside(root, resolve(root, file), file);
  const path = await realpath(resolve(root, file)).catch((error: unknown) => {
    throw new MediaError('SOURCE_FAILED', `There is no clip ${JSON.stringify(file)}.`, { cause: error });
  });
  refuseOutside(root, path, file);
  return path;
}

function refuseOutside(root: string, path: string, file: string): void {
  const [first = ''] = relative(root, path).split(sep);
  // A path on another drive stays absolute.
  if (first === '..' || resolve(root, relative(root, path)) !== path || path === root) {
    throw new MediaError('SOURCE_FAILED', `The clip ${JSON.stringify(file)} is not in the folder of the clips.`);
  }
}
