import type { ServerConfig } from '@sluice/config';

/** A part of a server that takes some settings while it runs. */
export interface LivePart {
  /** Whether the setting of this name is one of them. */
  readonly has: (key: string) => boolean;
  /**
   * Puts them into effect, for who comes from now on.
   * @returns false when that takes a restart after all; nothing has changed then
   * @throws MediaError when they are wrong; nothing has changed then either
   */
  readonly take: (next: ServerConfig) => boolean | Promise<boolean>;
}

/** Settings of one group or several. */
export function inGroups(...groups: readonly string[]): LivePart['has'] {
  return (key) => groups.some((group) => key === group || key.startsWith(`${group}.`));
}
