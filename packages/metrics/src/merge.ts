import type { HistogramSample, MetricFamily, MetricLabels, MetricSample } from '@sluice/core';

const NAME = /^[a-z_][a-z0-9_]*$/;
const LABEL = /^[a-z_][a-z0-9_]*$/;

/** What {@link mergeFamilies} gives. */
export interface MergedFamilies {
  readonly merged: readonly MetricFamily[];
  /** Names of families that would make the whole exposition unreadable. */
  readonly refused: readonly string[];
}

/** Makes one family of those with one name, and one sample of those with the same labels: a reader refuses duplicates. */
export function mergeFamilies(families: readonly MetricFamily[]): MergedFamilies {
  const merged = new Map<string, MetricFamily>();
  const refused: string[] = [];
  for (const family of families) {
    const known = merged.get(family.name);
    const together = isUsable(family) ? combine(known, family) : undefined;
    if (together) merged.set(family.name, together);
    else refused.push(family.name);
  }
  return { merged: [...merged.values()], refused };
}

function isUsable({ name, samples }: MetricFamily): boolean {
  return NAME.test(name) && samples.every(({ labels = {} }) => Object.keys(labels).every((label) => LABEL.test(label) && !label.startsWith('__') && label !== 'le'));
}

function combine(known: MetricFamily | undefined, family: MetricFamily): MetricFamily | undefined {
  if (family.type === 'histogram') {
    if (known && known.type !== 'histogram') return undefined;
    return { ...family, samples: distinct<HistogramSample>([...(known?.samples ?? []), ...family.samples], (first) => first) };
  }
  if (known && known.type !== family.type) return undefined;
  return { ...family, samples: distinct<MetricSample>([...(known?.samples ?? []), ...family.samples], (first, second) => ({ ...first, value: first.value + second.value })) };
}

function distinct<T extends { readonly labels?: MetricLabels | undefined }>(samples: readonly T[], add: (first: T, second: T) => T): readonly T[] {
  const byLabels = new Map<string, T>();
  for (const sample of samples) {
    const key = JSON.stringify(Object.entries(sample.labels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const first = byLabels.get(key);
    byLabels.set(key, first ? add(first, sample) : sample);
  }
  return [...byLabels.values()];
}
