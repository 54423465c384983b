import { PLUGIN_API, type WebRtcPlugin } from '@sluice/core';
import { z } from 'zod';
import { group, list, text } from './kinds.ts';

const pluginEntry = z.union(
  [text, group({ package: text, options: z.unknown().optional() }), z.custom<WebRtcPlugin>(isPlugin)],
  { error: 'a package name, a path, { package, options } or a plugin' },
);

/** `plugins`: those beside the ones that every server has. */
export const pluginSettings = list(pluginEntry, 'plugins').default([]);

/** One entry of `plugins`. */
export type PluginEntry = z.output<typeof pluginEntry>;

/** Whether a value is what `definePlugin` makes, of any contract version. */
export function isPlugin(value: unknown): value is WebRtcPlugin {
  return typeof value === 'object' && value !== null && 'api' in value && 'name' in value && typeof value.api === typeof PLUGIN_API;
}
