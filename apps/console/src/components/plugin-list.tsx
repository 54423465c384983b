import type { JSX } from 'preact';
import type { ServerPlugin } from '../api/server-hooks.ts';
import { formatMilliseconds } from '../format.ts';

/** The plugins of the server and what each brings. */
export function PluginList({ plugins }: { readonly plugins: readonly ServerPlugin[] }): JSX.Element {
  return (
    <section class="panel" aria-labelledby="plugins-title">
      <h2 id="plugins-title">
        Plugins <span class="choice-count">{plugins.length}</span>
      </h2>
      <ul class="plugins">
        {plugins.map(({ name, version, types, hooks, setUpMs }) => (
          <li key={name} class="plugin">
            <p class="plugin-name">
              <strong>{name}</strong> <span class="tone-quiet">{version}</span>
            </p>
            <p class="plugin-facts">
              {types.length > 0 && `Serves ${types.join(', ')}. `}
              {hooks.length > 0 && `Asked or told at ${hooks.join(', ')}.`}
            </p>
            <p class="plugin-time">{setUpMs === undefined ? '' : `Set up in ${formatMilliseconds(setUpMs)}`}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
