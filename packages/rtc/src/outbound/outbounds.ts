import type { Logger } from '@sluice/core';
import { isWorthLogging } from '../udp/log-limit.ts';
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
  readonly logger: Logger;
}

/** All that seals and sends for an engine: this thread, and workers if there are any. */
export class Outbounds {
  readonly arena: PacketArena;
  readonly workers: WorkerPool | undefined;
  readonly #local: Outbound;
  readonly #logger: Logger;
  #errors = 0;

  constructor({ arena, local, workers, logger }: OutboundsOptions) {
    this.arena = arena;
    this.workers = workers;
    this.#local = local;
    this.#logger = logger;
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

  /** Seals and sends what there is. Never throws: it is called by timers and sockets, where that would end the process. */
  flush(): void {
    try {
      this.workers?.flush();
      this.#local.flush();
    } catch (error) {
      const count = ++this.#errors;
      if (isWorthLogging(count)) this.#logger.error({ err: error, count }, 'Packets to viewers could not be sealed');
    }
  }
}
