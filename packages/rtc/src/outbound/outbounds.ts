import type { PeerAddress } from '../udp/peer-address.ts';
import type { Outbound, OutboundOwner } from './outbound.ts';
import type { PacketArena } from './packet-arena.ts';
import type { WorkerPool } from './workers/worker-pool.ts';

/** What {@link Outbounds} takes. */
export interface OutboundsOptions {
  readonly arena: PacketArena;
  /** In this thread. */
  readonly local: Outbound;
  readonly workers: WorkerPool | undefined;
}

/** All that seals and sends for an engine: this thread, and workers if there are any. */
export class Outbounds {
  readonly arena: PacketArena;
  readonly workers: WorkerPool | undefined;
  readonly #local: Outbound;

  constructor({ arena, local, workers }: OutboundsOptions) {
    this.arena = arena;
    this.workers = workers;
    this.#local = local;
  }

  /** What a peer at this address is sent by: a worker where that can be. */
  join(owner: OutboundOwner, to: PeerAddress): Outbound {
    // TCP connections, and zones of addresses, are known to this thread only.
    const isForWorkers = to.connection === undefined && !to.address.includes('%');
    return (isForWorkers ? this.workers?.join(owner) : undefined) ?? this.#local;
  }

  /** Undoes {@link join}. */
  leave(owner: OutboundOwner): void {
    this.workers?.leave(owner);
  }

  /** Seals and sends what there is. */
  flush(): void {
    this.#local.flush();
    this.workers?.flush();
  }
}
