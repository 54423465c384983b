import type { AccessAction } from '@sluice/core';

/** What a decision was made by: `none` = no credentials are needed, or none were given. */
export type AuthSource = 'address' | 'key' | 'jwt' | 'none';

/** What came of it; `failed` = it could not be made, which refuses too. */
export type AuthOutcome = 'allowed' | 'refused' | 'failed';

/** How many decisions had one outcome. */
export interface OutcomeCount {
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

  list(): readonly OutcomeCount[] {
    return [...this.#counts.values()];
  }
}
