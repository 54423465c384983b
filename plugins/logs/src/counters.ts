import type { LogsErrorCode } from './refusal.ts';

/** What became of connections and messages. */
export class SignalingCounters {
  relayed = 0;
  dropped = 0;
  /** Clients that were turned away before they were connected. */
  refused = 0;
  readonly errors = new Map<LogsErrorCode, number>();

  countError(code: LogsErrorCode): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }
}
