import { availableParallelism } from 'node:os';
import type { ResolvedEngineOptions } from '../engine-options.ts';
import type { MediaPort } from '../media-port.ts';
import type { MediaTier } from '../tier.ts';
import { OutboundQueue } from './outbound-queue.ts';
import { Outbounds } from './outbounds.ts';
import { WorkerPool } from './workers/worker-pool.ts';
import type { WorkerSocket } from './workers/worker-port.ts';

const MAX_WORKERS = 64;

/** What seals and sends for an engine: this thread, and as many workers as its options say. */
export function createOutbounds(options: ResolvedEngineOptions, tier: MediaTier, port: MediaPort): Outbounds {
  const { arena, sealer } = tier;
  const local = new OutboundQueue({ arena, sealer, sender: tier.createSender(port) });
  return new Outbounds({ arena, local, workers: createWorkers(options, tier, port), logger: options.logger });
}

function createWorkers({ workers: wanted, clock, logger }: ResolvedEngineOptions, tier: MediaTier, port: MediaPort): WorkerPool | undefined {
  // Two threads that seal are worth it only beside a third that does the rest.
  const workers = wanted === 'auto' ? availableParallelism() - 1 : wanted;
  if (workers <= 0) return undefined;
  if (tier.name !== 'native') {
    logger.warn({ tier: tier.name }, 'rtc.workers has no effect: threads can share the port with native calls only, which do not work here.');
    return undefined;
  }
  return new WorkerPool({ workers: Math.min(workers, MAX_WORKERS), arena: tier.arena, sockets: describe(port), clock, logger });
}

function describe(port: MediaPort): WorkerSocket[] {
  return Array.from(port.udp.systemSockets).flatMap(([localAddress, { descriptor }]) => {
    const family = localAddress.includes(':') ? ('ipv6' as const) : ('ipv4' as const);
    return descriptor === undefined ? [] : [{ descriptor, family, localAddress }];
  });
}
