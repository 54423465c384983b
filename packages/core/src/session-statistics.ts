import { Histogram } from './histogram.ts';
import type { HistogramSample } from './metrics.ts';
import type { SessionRecord } from './session.ts';

type Role = SessionRecord['role'];

/**
 * Why a session ended: its client or its peer ended it, the peer fell silent or never connected, its access was over,
 * the server stopped, the operator closed it, or anything else, which is mostly its stream's end.
 */
export const CLOSE_CAUSES = ['client', 'peer', 'silent', 'not_connected', 'access', 'shutdown', 'operator', 'other'] as const;

/** See {@link CLOSE_CAUSES}. */
export type CloseCause = (typeof CLOSE_CAUSES)[number];

/** What became of sessions since the manager was made. */
export interface SessionStats {
  readonly opened: Readonly<Record<Role, number>>;
  readonly closed: Readonly<Record<Role, Readonly<Record<CloseCause, number>>>>;
  /** From the answer until the peer was connected, seconds. */
  readonly connectTimes: HistogramSample;
}

/** Counts sessions. */
export class SessionStatistics {
  readonly #opened = byRole(() => 0);
  readonly #closed = byRole(noCauses);
  readonly #connectTimes = new Histogram();

  open(role: Role): void {
    this.#opened[role] += 1;
  }

  connect(milliseconds: number): void {
    this.#connectTimes.observe(milliseconds / 1_000);
  }

  close(role: Role, cause: CloseCause): void {
    this.#closed[role][cause] += 1;
  }

  get stats(): SessionStats {
    return {
      opened: { ...this.#opened },
      closed: { publisher: { ...this.#closed.publisher }, viewer: { ...this.#closed.viewer }, other: { ...this.#closed.other } },
      connectTimes: this.#connectTimes.sample(),
    };
  }
}

/** The cause of an end that the session came to by itself. */
export function causeOfOwnEnd(reason: string): CloseCause {
  if (reason.startsWith('the peer did not connect')) return 'not_connected';
  if (reason.startsWith('the peer was silent')) return 'silent';
  return reason.startsWith('the peer') ? 'peer' : 'other';
}

function byRole<T>(make: () => T): Record<Role, T> {
  return { publisher: make(), viewer: make(), other: make() };
}

function noCauses(): Record<CloseCause, number> {
  return { client: 0, peer: 0, silent: 0, not_connected: 0, access: 0, shutdown: 0, operator: 0, other: 0 };
}
