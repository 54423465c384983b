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

  countReceived(type: string): void {
    increase(this.received, type);
  }

  countError(code: string): void {
    increase(this.errors, code);
  }
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
