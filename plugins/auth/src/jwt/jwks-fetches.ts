import type { MetricFamily } from '@sluice/core';

/** Counts fetches of JWK sets, whatever the options were when they were made. */
export class JwksFetches {
  readonly #counts = { fetched: 0, failed: 0 };

  add(outcome: 'fetched' | 'failed'): void {
    this.#counts[outcome] += 1;
  }

  /** For a metrics page. */
  collect(): readonly MetricFamily[] {
    const samples = Object.entries(this.#counts).map(([outcome, value]) => ({ labels: { outcome }, value }));
    return [{ name: 'sluice_auth_jwks_fetches_total', type: 'counter', help: 'Fetches of the keys of tokens by what came of them.', samples }];
  }
}
