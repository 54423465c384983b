import { type ServerConfig, resolvePlugins } from '@sluice/config';
import type { WebRtcPlugin } from '@sluice/core';
import auth from '@sluice/plugin-auth';
import demo from '@sluice/plugin-demo';
import echo from '@sluice/plugin-echo';
import play from '@sluice/plugin-play';
import pull from '@sluice/plugin-pull';
import push from '@sluice/plugin-push';
import webhooks from '@sluice/plugin-webhooks';

/**
 * The plugins that every server has, and those of its configuration.
 * @param folder that the latter are resolved from
 * @throws MediaError PLUGIN_LOAD, CONFIG_INVALID
 */
export async function loadPlugins(config: ServerConfig, folder: string): Promise<WebRtcPlugin[]> {
  const always = [auth({ ...config.auth, folder }), webhooks(config.hooks), echo(), push(), play(), pull(config.pull)];
  const wanted = config.demo ? [demo()] : [];
  return [...always, ...wanted, ...(await resolvePlugins(config.plugins, folder))];
}
