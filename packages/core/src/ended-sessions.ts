import type { Clock } from './clock.ts';
import type { EndedSession } from './session.ts';

/** Bounds of {@link EndedSessions}. */
export interface EndedSessionsLimits {
  readonly maxEndedSessions: number;
  /** Milliseconds. */
  readonly endedSessionMs: number;
}

/** The sessions that ended lately, for whoever asks why one did not connect. */
export class EndedSessions {
  readonly #clock: Clock;
  readonly #limits: EndedSessionsLimits;
  /** Oldest first. */
  readonly #sessions = new Map<string, EndedSession>();

  constructor(clock: Clock, limits: EndedSessionsLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  add(session: EndedSession): void {
    this.#sessions.set(session.id, session);
    this.#forgetOld();
  }

  /** The last one first. */
  list(): readonly EndedSession[] {
    this.#forgetOld();
    return [...this.#sessions.values()].toReversed();
  }

  find(id: string): EndedSession | undefined {
    this.#forgetOld();
    return this.#sessions.get(id);
  }

  #forgetOld(): void {
    const oldest = this.#clock.now() - this.#limits.endedSessionMs;
    for (const { id, endedAt } of this.#sessions.values()) {
      if (this.#sessions.size <= this.#limits.maxEndedSessions && endedAt > oldest) return;
      this.#sessions.delete(id);
    }
  }
}
