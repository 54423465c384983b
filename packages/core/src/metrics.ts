import type { Awaitable } from './hook-points.ts';
import { type ExtensionPoint, extensionPoint } from './extension-points.ts';

/** Label names and values of one sample; a name is `[a-z_][a-z0-9_]*`. Values must come from a bounded set. */
export type MetricLabels = Readonly<Record<string, string>>;

/** One value of a counter or gauge. */
export interface MetricSample {
  readonly labels?: MetricLabels | undefined;
  readonly value: number;
}

/** One histogram. */
export interface HistogramSample {
  readonly labels?: MetricLabels | undefined;
  /** Upper bounds in ascending order, each with the observations up to it, those of smaller bounds included. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
  readonly sum: number;
  readonly count: number;
}

interface FamilyHead {
  /** As Prometheus names metrics: base units (`_seconds`, `_bytes`), counters end in `_total`. Begins with `sluice_`. */
  readonly name: string;
  /** One sentence. */
  readonly help: string;
}

/** All samples of one name. */
export type MetricFamily =
  | (FamilyHead & { readonly type: 'counter' | 'gauge'; readonly samples: readonly MetricSample[] })
  | (FamilyHead & { readonly type: 'histogram'; readonly samples: readonly HistogramSample[] });

/** Gives metrics when they are asked for; nothing is kept between two questions. */
export interface MetricSource {
  collect(): Awaitable<readonly MetricFamily[]>;
}

/** Metrics of plugins, shown by hosts that have a place for them. */
export const metrics: ExtensionPoint<MetricSource> = extensionPoint('metrics');
