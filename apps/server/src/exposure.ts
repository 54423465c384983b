import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { ServerConfig } from '@sluice/config';
import type { WebRtcPluginManager } from '@sluice/core';
import { restrictsAccess } from '@sluice/plugin-auth';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether only this machine can connect to what listens on `host`. */
export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return loopback.check(host, 'ipv4');
  if (isIPv6(host)) return loopback.check(host, 'ipv6');
  return host === 'localhost' || host.endsWith('.localhost');
}

/** Whether neither the rules of the configuration nor a URL nor a plugin can keep anybody from publishing. */
export function mayAnybodyPublish({ auth }: Pick<ServerConfig, 'auth'>, { plugins }: Pick<WebRtcPluginManager, 'plugins'>): boolean {
  const others = plugins.filter(({ name, hooks }) => name !== '@sluice/plugin-auth' && hooks.includes('publish'));
  return others.length === 0 && !restrictsAccess('publish', auth);
}
