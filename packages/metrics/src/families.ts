import type { HistogramSample, MetricFamily, MetricSample } from '@sluice/core';

export function counter(name: string, help: string, samples: number | readonly MetricSample[]): MetricFamily {
  return { name, help, type: 'counter', samples: samplesOf(samples) };
}

export function gauge(name: string, help: string, samples: number | readonly MetricSample[]): MetricFamily {
  return { name, help, type: 'gauge', samples: samplesOf(samples) };
}

export function histogram(name: string, help: string, samples: readonly HistogramSample[]): MetricFamily {
  return { name, help, type: 'histogram', samples };
}

/** One sample per entry, whose name is the label's value. */
export function labelled(label: string, values: Readonly<Record<string, number>>): MetricSample[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

function samplesOf(samples: number | readonly MetricSample[]): readonly MetricSample[] {
  return typeof samples === 'number' ? [{ value: samples }] : samples;
}
