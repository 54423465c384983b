import type { AccessAction, MetricFamily } from '@sluice/core';

/** What a decision was made by: `none` = no credentials are needed, or none were given. */
export type AuthSource = 'address' | 'key' | 'jwt' | 'none';

/** What came of it; `failed` = it could not be made, which refuses too. */
export type AuthOutcome = 'allowed' | 'refused' | 'failed';

/** How many decisions had one outcome. */
interface OutcomeCount {
  readonly action: AccessAction;
  readonly source: AuthSource;
  readonly outcome: AuthOutcome;
  readonly count: number;
}

/** Counts decisions. */
export class Outcomes {
  readonly #counts = new Map<string, OutcomeCount>();

  add(action: AccessAction, source: AuthSource, outcome: AuthOutcome): void {
    const name = `${action} ${source} ${outcome}`;
    this.#counts.set(name, { action, source, outcome, count: (this.#counts.get(name)?.count ?? 0) + 1 });
  }

  /** For a metrics page; what has not happened is not in it. */
  collect(): readonly MetricFamily[] {
    const samples = Array.from(this.#counts.values(), ({ count, ...labels }) => ({ labels, value: count }));
    return [{ name: 'sluice_auth_decisions_total', type: 'counter', help: 'Decisions of auth by what they were made by, and what came of them.', samples }];
  }
}
