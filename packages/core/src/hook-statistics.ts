import { Histogram } from './histogram.ts';
import type { HookName } from './hook-points.ts';
import type { HistogramSample } from './metrics.ts';

/** How calls of a hook ended. `passed` = it left the decision to others, `aborted` = who asked is gone. */
export const HOOK_OUTCOMES = ['allowed', 'denied', 'answered', 'passed', 'failed', 'timeout', 'aborted'] as const;

/** See {@link HOOK_OUTCOMES}. */
export type HookOutcome = (typeof HOOK_OUTCOMES)[number];

/** What the hooks of one owner at one point did, since the manager was made. */
export interface HookStats {
  readonly point: HookName;
  /** A plugin's name, or `host`. */
  readonly owner: string;
  readonly outcomes: Readonly<Record<HookOutcome, number>>;
  /** Time that calls took, seconds. */
  readonly durations: HistogramSample;
}

interface Entry {
  readonly point: HookName;
  readonly owner: string;
  readonly outcomes: Record<HookOutcome, number>;
  readonly durations: Histogram;
}

/** Counts the calls of hooks. There are as many entries as points times owners. */
export class HookStatistics {
  readonly #entries = new Map<string, Entry>();

  record(point: HookName, owner: string, outcome: HookOutcome, milliseconds: number): void {
    const entry = this.#entryOf(point, owner);
    entry.outcomes[outcome] += 1;
    entry.durations.observe(milliseconds / 1_000);
  }

  list(): readonly HookStats[] {
    return Array.from(this.#entries.values(), ({ point, owner, outcomes, durations }) => ({
      point,
      owner,
      outcomes: { ...outcomes },
      durations: durations.sample(),
    }));
  }

  #entryOf(point: HookName, owner: string): Entry {
    const key = `${point} ${owner}`;
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = { point, owner, outcomes: noOutcomes(), durations: new Histogram() };
      this.#entries.set(key, entry);
    }
    return entry;
  }
}

function noOutcomes(): Record<HookOutcome, number> {
  return { allowed: 0, denied: 0, answered: 0, passed: 0, failed: 0, timeout: 0, aborted: 0 };
}

/** What an answer of a hook amounts to. */
export function outcomeOf(answer: unknown): HookOutcome {
  if (answer === undefined || answer === null) return 'passed';
  if (typeof answer !== 'object' || !('allow' in answer)) return 'answered';
  return answer.allow === true ? 'allowed' : 'denied';
}
