import { MediaError } from '@sluice/core';

/** Options of the file plugin. */
export interface FileOptions {
  /** Folder of the clips; nothing outside is played. Default: the folder that the server was started in. */
  readonly folder?: string | undefined;
  /** Clips that are played at a time. Default 100. */
  readonly maxFiles?: number | undefined;
}

/** Options with every default filled in. */
export interface FileSettings {
  readonly folder: string;
  readonly maxFiles: number;
}

/** @throws MediaError CONFIG_INVALID when a number is out of range */
export function completeOptions({ folder = '.', maxFiles = 100 }: FileOptions = {}): FileSettings {
  if (Number.isInteger(maxFiles) && maxFiles >= 0) return { folder, maxFiles };
  throw new MediaError('CONFIG_INVALID', `maxFiles of the file plugin must be a whole number of at least 0, not ${String(maxFiles)}.`);
}
