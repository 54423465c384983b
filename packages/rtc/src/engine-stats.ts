import type { EngineStats, HistogramSample, MediaTotals } from '@sluice/core';
import type { StunRefusals } from './ice/stun-refusals.ts';
import type { MediaPort } from './media-port.ts';
import type { WorkerPool } from './outbound/workers/worker-pool.ts';
import type { RtcTier } from './tier.ts';
import type { PacketRouter } from './udp/router.ts';

/** What {@link engineStats} reads. */
export interface StatsSources {
  readonly tier: RtcTier;
  readonly transports: number;
  readonly media: MediaTotals;
  readonly forwardTimes: HistogramSample;
  readonly port: MediaPort;
  readonly router: PacketRouter;
  readonly refusals: StunRefusals;
  readonly workers: WorkerPool | undefined;
}

/** What came to the port and what became of it, UDP and TCP together. */
export function engineStats({ tier, transports, media, forwardTimes, port, router, refusals, workers }: StatsSources): EngineStats {
  const { delivered, dropped, moveTrialsSuppressed, addressesTaken, addressesEvicted, receiverErrors } = router.counters;
  const udp = port.udp.counters;
  const tcp = port.tcp?.counters;
  const byWorkers = workers?.counters;
  return {
    tier,
    transports,
    packetsReceived: udp.received + (tcp?.received ?? 0),
    packetsSent: udp.sent + (tcp?.sent ?? 0) + (byWorkers?.sent ?? 0),
    delivered,
    dropped: {
      ...dropped,
      moveTrialsSuppressed,
      addressesTaken,
      addressesEvicted,
      receiverErrors,
      refusalsTooMany: refusals.counters.tooMany,
      refusalsAmplification: refusals.counters.amplification,
      sendQueueFull: udp.dropped.queueFull + (byWorkers?.dropped.queueFull ?? 0),
      sendNoSocket: udp.dropped.noSocket + (byWorkers?.dropped.noSocket ?? 0),
      sendRefused: udp.dropped.refused + (byWorkers?.dropped.refused ?? 0),
      workerOverflow: byWorkers?.dropped.overflow ?? 0,
      workerNotSealed: byWorkers?.dropped.notSealed ?? 0,
      socketErrors: udp.socketErrors + (tcp?.socketErrors ?? 0),
      tcpSendQueueFull: tcp?.dropped.queueFull ?? 0,
      tcpConnectionsRefused: tcp ? tcp.refused.tooMany + tcp.refused.tooManyOfAddress : 0,
      tcpConnectionsNotVerified: tcp?.cut.notVerified ?? 0,
      tcpFramesOversize: tcp?.cut.oversizeFrame ?? 0,
    },
    media,
    forwardTimes,
    refusalsSent: refusals.counters.sent,
    workers: byWorkers?.running ?? 0,
    workerCrashes: byWorkers?.crashes ?? 0,
  };
}
