import { type Logger, type MetricFamily, type RtcEngine, type WebRtcPluginManager, metrics as metricSources, silentLogger } from '@sluice/core';
import { Registry } from 'prom-client';
import { engineFamilies } from './engine-families.ts';
import { hookFamilies } from './hook-families.ts';
import { mergeFamilies } from './merge.ts';
import { ProcessMetrics } from './process-metrics.ts';
import { promMetric } from './prom-metric.ts';
import { sessionFamilies } from './session-families.ts';
import { streamFamilies } from './stream-families.ts';

/** Streams with labels of their own, by default. */
export const DEFAULT_MAX_STREAMS = 50;

/** What {@link createMetrics} takes. */
export interface MetricsOptions {
  readonly manager: WebRtcPluginManager;
  readonly engine?: Pick<RtcEngine, 'stats'> | undefined;
  readonly logger?: Logger | undefined;
  /** Streams that have labels of their own, those with the most viewers; all others together are `other`. Default 50. */
  readonly maxStreams?: number | undefined;
  /** Of the server. */
  readonly version?: string | undefined;
}

/** The metrics of one server. */
export interface Metrics {
  readonly contentType: string;
  /** Everything as it is now, in the text format of Prometheus. */
  scrape(): Promise<string>;
  /** Stops what measures the event loop. */
  close(): void;
}

/** Measures a manager, its engine, its plugins (extension point `metrics`) and this process. */
export function createMetrics(options: MetricsOptions): Metrics {
  const processMetrics = new ProcessMetrics();
  return {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    async scrape() {
      const registry = new Registry();
      const families = [...ownFamilies(options), ...processMetrics.families(), ...(await pluginFamilies(options))];
      const { merged, refused } = mergeFamilies(families);
      for (const name of refused) (options.logger ?? silentLogger).warn({ name }, 'A metric is left out: its name or labels cannot be used, or its type is another elsewhere');
      for (const family of merged) registry.registerMetric(promMetric(family));
      return registry.metrics();
    },
    close: () => processMetrics.close(),
  };
}

function ownFamilies({ manager, engine, maxStreams = DEFAULT_MAX_STREAMS, version }: MetricsOptions): readonly MetricFamily[] {
  return [
    { name: 'sluice_build_info', help: 'Always 1; the label says which version runs.', type: 'gauge', samples: [{ labels: { version: version ?? 'unknown' }, value: 1 }] },
    ...sessionFamilies(manager),
    ...streamFamilies(manager, maxStreams),
    ...hookFamilies(manager),
    ...(engine ? engineFamilies(engine.stats()) : []),
  ];
}

/** A plugin that fails must not take the metrics of all others with it. */
async function pluginFamilies({ manager, logger = silentLogger }: MetricsOptions): Promise<readonly MetricFamily[]> {
  const collected = manager.contributions(metricSources).map(async ({ plugin, value }) => {
    try {
      return await value.collect();
    } catch (error) {
      logger.error({ plugin, err: error }, 'A plugin failed to give its metrics');
      return [];
    }
  });
  return (await Promise.all(collected)).flat();
}
