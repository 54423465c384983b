/** What became of what a viewer did: `undelivered` when its publisher has no way to take it. */
export type InputOutcome = 'delivered' | 'undelivered' | 'refused';

/** What became of clients and their messages. */
export class PeerCounters {
  refused = 0;
  dropped = 0;
  resumed = 0;
  /** Clients that might have come back, but too many were kept already. */
  notKept = 0;
  silent = 0;
  readonly received = new Map<string, number>();
  readonly errors = new Map<string, number>();
  readonly input = new Map<InputOutcome, number>();

  countReceived(type: string): void {
    increase(this.received, type);
  }

  countInput(outcome: InputOutcome): void {
    increase(this.input, outcome);
  }

  countError(code: string): void {
    increase(this.errors, code);
  }
}

function increase<N extends string>(counts: Map<N, number>, name: N): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
