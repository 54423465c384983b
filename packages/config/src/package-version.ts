import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import type { WebRtcPlugin } from '@sluice/core';

/**
 * The plugin with the version of its package, unless it says one itself.
 * @param specifier name of the package, or URL of its module
 * @param base URL of the module that imports it
 */
export function withPackageVersion(plugin: WebRtcPlugin, specifier: string, base: string): WebRtcPlugin {
  const version = plugin.version ?? versionOf(specifier, base);
  return version === undefined ? plugin : { ...plugin, version };
}

/** A package without one is no reason not to run it. */
function versionOf(specifier: string, base: string): string | undefined {
  try {
    const manifest = findPackageJSON(specifier, base);
    if (manifest === undefined) return undefined;
    const { version }: { version?: unknown } = JSON.parse(readFileSync(manifest, 'utf8'));
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
