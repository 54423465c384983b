import type { MetricFamily, MetricLabels } from '@sluice/core';
import { Counter, Gauge, Histogram, type Metric } from 'prom-client';

/** A family as a metric of prom-client, for one scrape. */
export function promMetric(family: MetricFamily): Metric {
  const { name, help } = family;
  if (family.type === 'histogram') return promHistogram(family);
  const labelNames = namesOf(family.samples);
  const metric = family.type === 'counter' ? new Counter({ name, help, labelNames, registers: [] }) : new Gauge({ name, help, labelNames, registers: [] });
  for (const { labels = {}, value } of family.samples) {
    // A counter that plugins give may be anything; prom-client throws at what falls.
    if (Number.isFinite(value) && (value >= 0 || family.type === 'gauge')) metric.inc(labels, value);
  }
  return metric;
}

/** Our histograms are counted already, so this one only says what prom-client asks a metric for at a scrape. */
function promHistogram({ name, help, samples }: Extract<MetricFamily, { type: 'histogram' }>): Metric {
  const metric = new Histogram({ name, help, labelNames: namesOf(samples), buckets: [], registers: [] });
  const values = samples.flatMap(({ labels = {}, buckets, sum, count }) => [
    ...buckets.map(({ le, count: below }) => ({ labels: { ...labels, le }, value: below, metricName: `${name}_bucket` })),
    { labels: { ...labels, le: '+Inf' }, value: count, metricName: `${name}_bucket` },
    { labels, value: sum, metricName: `${name}_sum` },
    { labels, value: count, metricName: `${name}_count` },
  ]);
  // Its types promise an enum of metric types that is not there at run time.
  const get = async () => ({ name, help, type: 'histogram', aggregator: 'sum', values });
  return Object.assign(metric, { get, getForPromString: get });
}

function namesOf(samples: readonly { readonly labels?: MetricLabels | undefined }[]): string[] {
  return [...new Set(samples.flatMap(({ labels = {} }) => Object.keys(labels)))];
}
