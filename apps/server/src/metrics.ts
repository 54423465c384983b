import type { ServerConfig } from '@sluice/config';
import type { Logger, RtcEngine, WebRtcPluginManager } from '@sluice/core';
import { type HttpOptions, createMetricsApp } from '@sluice/http';
import { createMetrics } from '@sluice/metrics';
import { listen } from './listen.ts';
import { serverVersion } from './version.ts';

/** What {@link startMetrics} takes. */
export interface MetricsParts {
  readonly manager: WebRtcPluginManager;
  readonly engine: RtcEngine;
  readonly logger: Logger;
}

/** What measures a server. */
export interface RunningMetrics {
  /** For the app of the server; nothing when metrics are off or have a port of their own. */
  readonly http: Pick<HttpOptions, 'metrics' | 'openMetrics'>;
  readonly close: () => Promise<void>;
}

/**
 * Measures a server, and listens when that has a port of its own.
 * @throws MediaError PORT_IN_USE, CONFIG_INVALID
 */
export async function startMetrics(config: ServerConfig['metrics'], parts: MetricsParts): Promise<RunningMetrics> {
  if (!config.enabled) return { http: {}, close: async () => undefined };
  const metrics = createMetrics({ ...parts, maxStreams: config.maxStreams, version: serverVersion() });
  const { port, host } = config;
  if (port === undefined) return { http: { metrics, openMetrics: config.open }, close: async () => metrics.close() };
  const own = await listen(createMetricsApp(metrics), { host, port });
  parts.logger.info({ url: own.url }, `Metrics are served on ${own.url}/metrics`);
  return {
    http: {},
    async close() {
      metrics.close();
      await own.close();
    },
  };
}
