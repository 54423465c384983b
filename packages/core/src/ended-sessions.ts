import type { ManagerSettings } from './manager-options.ts';
import type { EndedSession } from './session.ts';

/** The sessions that ended lately, for whoever asks why one did not connect. */
export class EndedSessions {
  readonly #settings: Pick<ManagerSettings, 'clock' | 'limits'>;
  /** Oldest first. */
  readonly #sessions = new Map<string, EndedSession>();

  constructor(settings: Pick<ManagerSettings, 'clock' | 'limits'>) {
    this.#settings = settings;
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
    const { clock, limits } = this.#settings;
    const oldest = clock.now() - limits.endedSessionMs;
    for (const { id, endedAt } of this.#sessions.values()) {
      if (this.#sessions.size <= limits.maxEndedSessions && endedAt > oldest) return;
      this.#sessions.delete(id);
    }
  }
}
