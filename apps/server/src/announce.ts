import type { Logger, RtcEngine, WebRtcPluginManager } from '@sluice/core';
import { isLoopback } from './exposure.ts';

/** What a server that has just started is open to. */
export interface Openness {
  readonly engine: Pick<RtcEngine, 'addresses' | 'port'>;
  readonly manager: Pick<WebRtcPluginManager, 'hasHook'>;
  /** Where HTTP listens. */
  readonly host: string;
  readonly httpPort: number;
}

/** Tells the operator who can reach the server, and warns where that is hardly what was meant. */
export function announce(logger: Logger, { engine, manager, host, httpPort }: Openness): void {
  const { addresses, port } = engine;
  if (addresses.every(isLoopback)) {
    logger.warn({ addresses, port }, 'Media is offered on the loopback address only: no other machine can connect. Set rtc.externalAddresses.');
  } else {
    logger.info({ addresses, port }, `Media is offered on port ${port} of ${addresses.join(', ')}`);
  }
  if (!manager.hasHook('publish') && !isLoopback(host)) {
    logger.warn(`No publish hook is configured and HTTP listens on ${host}: anyone who reaches port ${httpPort} may publish.`);
  }
}
