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
