/** Upper bounds of the latency histogram, seconds. */
const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** What one attempt came to. */
export type AttemptOutcome = 'answered' | 'fault';

/** What has been counted of one target since the start. */
export class TargetStatistics {
  /** Questions and notifications, retries not counted, and answers from memory neither. */
  asked = 0;
  failed = 0;
  /** Questions refused and notifications dropped because too many waited. */
  dropped = 0;
  cacheHits = 0;
  /** Milliseconds. */
  lastLatencyMs: number | undefined;
  lastError: string | undefined;
  readonly attempts: Record<AttemptOutcome, number> = { answered: 0, fault: 0 };
  /** Attempts per bucket, each counted once; the last one is for what is slower than all of them. */
  readonly #buckets = Array.from({ length: LATENCY_BUCKETS.length + 1 }, () => 0);
  #sumSeconds = 0;

  fail(error: unknown): void {
    this.failed += 1;
    this.lastError = error instanceof Error ? error.message : String(error);
  }

  observe(latencyMs: number, outcome: AttemptOutcome): void {
    const seconds = latencyMs / 1000;
    const bucket = LATENCY_BUCKETS.findIndex((bound) => seconds <= bound);
    const index = bucket === -1 ? LATENCY_BUCKETS.length : bucket;
    this.#buckets[index] = (this.#buckets[index] ?? 0) + 1;
    this.#sumSeconds += seconds;
    this.attempts[outcome] += 1;
    // To a tenth: people read it.
    if (outcome === 'answered') this.lastLatencyMs = Math.round(latencyMs * 10) / 10;
  }

  /** As Prometheus has it: each bucket holds those of the smaller ones too. */
  latency(): { readonly buckets: readonly { readonly le: number; readonly count: number }[]; readonly sum: number; readonly count: number } {
    let count = 0;
    const buckets = LATENCY_BUCKETS.map((le, index) => {
      count += this.#buckets[index] ?? 0;
      return { le, count };
    });
    return { buckets, sum: this.#sumSeconds, count: this.attempts.answered + this.attempts.fault };
  }
}
