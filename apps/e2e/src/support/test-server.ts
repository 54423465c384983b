import { parseConfig, type ServerConfigInput } from '@sluice/config';
import { silentLogger } from '@sluice/core';
import { type RunningServer, startServer } from '@sluice/server';

/** A whole server on free ports of the loopback address; quiet, and without the demo unless asked for. */
export function startTestServer(config: ServerConfigInput = {}): Promise<RunningServer> {
  const complete = parseConfig({ demo: false, ...config, http: { port: 0, ...config.http }, rtc: { port: 0, ...config.rtc } });
  return startServer(complete, { logger: silentLogger });
}
