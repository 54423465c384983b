import type { MetricSource, StreamOriginState } from '@sluice/core';
import type { Pulls } from './pulls.ts';

const STATES: readonly StreamOriginState[] = ['connecting', 'live', 'retrying'];

/** What pulls are there, and what became of attempts. */
export function createMetricSource(pulls: Pick<Pulls, 'list' | 'counters'>): MetricSource {
  return {
    collect() {
      const all = pulls.list();
      const inState = (state: StreamOriginState): number => all.filter(({ origin }) => origin.state === state).length;
      const { started, failedAttempts, refused } = pulls.counters;
      return [
        { name: 'sluice_pulls', help: 'Streams that are pulled from other servers, by state.', type: 'gauge', samples: STATES.map((state) => ({ labels: { state }, value: inState(state) })) },
        { name: 'sluice_pulls_started_total', help: 'Pulls that were begun.', type: 'counter', samples: [{ value: started }] },
        { name: 'sluice_pull_failures_total', help: 'Attempts that failed and media that broke off.', type: 'counter', samples: [{ value: failedAttempts }] },
        { name: 'sluice_pulls_refused_total', help: 'Pulls that were not begun because there were too many.', type: 'counter', samples: [{ value: refused }] },
      ];
    },
  };
}
