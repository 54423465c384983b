import type { EngineStats } from '@sluice/core';
import type { StunRefusals } from './ice/stun-refusals.ts';
import type { MediaPort } from './media-port.ts';
import type { RtcTier } from './tier.ts';
import type { PacketRouter } from './udp/router.ts';

/** What {@link engineStats} reads. */
export interface StatsSources {
  readonly tier: RtcTier;
  readonly transports: number;
  readonly port: MediaPort;
  readonly router: PacketRouter;
  readonly refusals: StunRefusals;
}

/** What came to the port and what became of it, UDP and TCP together. */
export function engineStats({ tier, transports, port, router, refusals }: StatsSources): EngineStats {
  const { delivered, dropped, moveTrialsSuppressed, addressesTaken, addressesEvicted, receiverErrors } = router.counters;
  const udp = port.udp.counters;
  const tcp = port.tcp?.counters;
  return {
    tier,
    transports,
    packetsReceived: udp.received + (tcp?.received ?? 0),
    packetsSent: udp.sent + (tcp?.sent ?? 0),
    delivered,
    dropped: {
      ...dropped,
      moveTrialsSuppressed,
      addressesTaken,
      addressesEvicted,
      receiverErrors,
      refusalsTooMany: refusals.counters.tooMany,
      refusalsAmplification: refusals.counters.amplification,
      sendQueueFull: udp.dropped.queueFull,
      sendNoSocket: udp.dropped.noSocket,
      sendRefused: udp.dropped.refused,
      socketErrors: udp.socketErrors,
    },
    refusalsSent: refusals.counters.sent,
  };
}
