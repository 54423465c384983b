import type { IgnoredKey } from '@sluice/config';

/** One line about the keys of ZLMediaKit's config.ini that are left out, with the reason where it may surprise. */
export function ignoredText(keys: readonly IgnoredKey[]): string {
  const [surprising, others] = [keys.filter(({ reason }) => reason !== undefined), keys.filter(({ reason }) => reason === undefined)];
  const named = surprising.map(({ key, line, reason }) => `${key} (line ${line}: ${reason})`);
  return `These keys of the config file mean nothing here and are ignored: ${[...named, ...others.map(({ key }) => key)].join(', ')}`;
}
