import type { EngineStats } from '@sluice/core';

/** What comes to and goes from the media port of the server, all sessions together. */
export function engineFigures({ transports, packetsReceived, packetsSent, dropped, media: { received, sent } }: EngineStats): object {
  return {
    transports,
    packets_received: packetsReceived,
    packets_sent: packetsSent,
    packets_dropped: Object.values(dropped).reduce((sum, count) => sum + count, 0),
    packets_lost: received.lost,
    packets_retransmitted: sent.retransmitted,
    bytes_received: received.bytes,
    bytes_sent: sent.bytes,
  };
}
