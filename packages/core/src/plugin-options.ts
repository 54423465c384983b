import { MediaError } from './errors.ts';

/**
 * What `reconfigure` of a plugin was given, as every plugin wants it: a group of settings, whose members nobody has checked yet; an empty one for nothing.
 * @param plugin its short name, such as `relay`
 * @throws MediaError CONFIG_INVALID
 */
export function changedOptions(plugin: string, changed: unknown = {}): object {
  if (typeof changed === 'object' && changed !== null && !Array.isArray(changed)) return changed;
  throw new MediaError('CONFIG_INVALID', `The options of the ${plugin} plugin must be a group of settings.`);
}

/**
 * Refuses numbers among the options of a plugin that are not whole, or too small.
 * @param plugin its short name, such as `relay`
 * @param rules `leasts` has the smallest value of what may be other than 1, `group` what the names stand behind
 * @throws MediaError CONFIG_INVALID
 */
export function checkWholeNumbers(plugin: string, options: object, { leasts = {}, group = '' }: { readonly leasts?: Readonly<Record<string, number>>; readonly group?: string } = {}): void {
  for (const [name, value] of Object.entries(options)) {
    const least = leasts[name] ?? 1;
    if (typeof value !== 'number' || (Number.isInteger(value) && value >= least)) continue;
    throw new MediaError('CONFIG_INVALID', `${group}${name} of the ${plugin} plugin must be a whole number of at least ${least}, not ${value}.`);
  }
}
