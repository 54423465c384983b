import type { MetricSource } from '@sluice/core';
import type { Files } from './files.ts';

/** What clips are played. */
export function createMetricSource(files: Pick<Files, 'playing' | 'refused'>): MetricSource {
  return {
    collect() {
      return [
        { name: 'sluice_clips_playing', help: 'Clips on disk that are played as streams.', type: 'gauge', samples: [{ value: files.playing }] },
        { name: 'sluice_clips_refused_total', help: 'Clips that were not played because there were too many.', type: 'counter', samples: [{ value: files.refused }] },
      ];
    },
  };
}
