import { MediaError } from './errors.ts';
import type { WebRtcPlugin } from './plugin.ts';

/**
 * The plugins so that each comes after those it depends on; otherwise in the order given.
 * @throws MediaError PLUGIN_DEPENDENCY when one is missing, or they depend on each other in a circle
 */
export function bootOrder<P extends Pick<WebRtcPlugin, 'name' | 'dependsOn'>>(plugins: readonly P[]): readonly P[] {
  const byName = new Map(plugins.map((plugin) => [plugin.name, plugin]));
  const ordered = new Set<P>();

  const visit = (plugin: P, path: readonly string[]): void => {
    if (ordered.has(plugin)) return;
    if (path.includes(plugin.name)) throw circle([...path.slice(path.indexOf(plugin.name)), plugin.name]);
    for (const name of plugin.dependsOn ?? []) {
      const dependency = byName.get(name);
      if (!dependency) throw missing(plugin.name, name);
      visit(dependency, [...path, plugin.name]);
    }
    ordered.add(plugin);
  };

  for (const plugin of plugins) visit(plugin, []);
  return [...ordered];
}

function missing(plugin: string, dependency: string): MediaError {
  return new MediaError('PLUGIN_DEPENDENCY', `Plugin ${plugin} needs ${dependency}, which is not registered.`, { plugin });
}

function circle(path: readonly string[]): MediaError {
  const message = `Plugins depend on each other in a circle: ${path.join(' → ')}.`;
  return new MediaError('PLUGIN_DEPENDENCY', message, { plugin: path[0] });
}
