import type { ServerConfig } from '@sluice/config';
import { type Logger, type WebRtcPluginManager, isLoopbackAddress, plainAddress } from '@sluice/core';
import { restrictsAccess } from '@sluice/plugin-auth';

/** Whether only this machine can connect to what listens on `host`. */
export function isLoopback(host: string): boolean {
  const address = plainAddress(host);
  if (address !== undefined) return isLoopbackAddress(address);
  return host === 'localhost' || host.endsWith('.localhost');
}

/** Whether neither the rules of the configuration nor a URL nor a plugin keep strangers from publishing somewhere. */
export function mayAnybodyPublish({ auth, paths }: Pick<ServerConfig, 'auth' | 'paths'>, { plugins }: Pick<WebRtcPluginManager, 'plugins'>): boolean {
  const others = plugins.filter(({ name, hooks }) => name !== '@sluice/plugin-auth' && hooks.includes('publish'));
  const ofPaths = Object.values(paths).flatMap(({ publish }) => publish ?? []);
  return others.length === 0 && !restrictsAccess('publish', auth, ofPaths);
}

/** Says it when logs are open to all on an address that others reach. */
export function warnOfOpenLogs({ http, logs }: Pick<ServerConfig, 'http' | 'logs'>, logger: Logger): void {
  if (isLoopback(http.host) || logs.enabled === false || logs.token !== undefined) return;
  logger.warn(`LOGS ARE OPEN TO ALL: HTTP listens on ${http.host}, and whoever reaches it may read the logs of every producer there. Set logs.token, or logs.enabled: false.`);
}

/** What {@link ExposureWatch} takes. */
export interface ExposureWatchOptions {
  readonly manager: Pick<WebRtcPluginManager, 'plugins'>;
  readonly logger: Logger;
  /** Where HTTP listens. */
  readonly host: string;
  readonly httpPort: number;
}

/** Says it loudly when publishing is open to all on an address that others reach, and again each time it becomes so. */
export class ExposureWatch {
  readonly #options: ExposureWatchOptions;
  #wasOpen = false;

  constructor(options: ExposureWatchOptions) {
    this.#options = options;
  }

  /** @param config that counts from now on */
  check(config: Pick<ServerConfig, 'auth' | 'paths'>): void {
    const { manager, logger, host, httpPort } = this.#options;
    const isOpen = !isLoopback(host) && mayAnybodyPublish(config, manager);
    if (isOpen && !this.#wasOpen) {
      logger.warn(`PUBLISHING IS OPEN TO ALL: HTTP listens on ${host}, and anyone who reaches port ${httpPort} may publish. Set auth.publish (stream keys, addresses) or that of the path, auth.jwt or hooks.onPublish.`);
    }
    this.#wasOpen = isOpen;
  }
}
