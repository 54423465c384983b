import type { MediaTotals as Totals, TrackStats, OutboundTrackStats, TransportStats } from '@sluice/core';

/** What the totals read of a transport. */
export interface CountedTransport {
  readonly inbound: readonly { stats(): TrackStats }[];
  readonly outbound: readonly { stats(): OutboundTrackStats }[];
  stats(): TransportStats;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] extends object ? Writable<T[K]> : T[K] };

/** Sums up the counters of all transports, also of those that have ended. */
export class MediaTotals {
  readonly #ended = nothing();
  /** Losses are taken back when a packet comes late, and a counter must not fall. */
  #mostLost = 0;

  /** A transport has ended: its counters are kept. */
  keep(transport: CountedTransport): void {
    addTransport(this.#ended, transport);
  }

  read(open: Iterable<CountedTransport>): Totals {
    const totals = structuredClone(this.#ended);
    for (const transport of open) addTransport(totals, transport);
    this.#mostLost = Math.max(this.#mostLost, totals.received.lost);
    totals.received.lost = this.#mostLost;
    return totals;
  }
}

function addTransport(totals: Writable<Totals>, transport: CountedTransport): void {
  for (const track of transport.inbound) addReceived(totals.received, track.stats());
  for (const track of transport.outbound) addSent(totals.sent, track.stats());
  const { bytesReceived, bytesSent, dropped } = transport.stats();
  totals.transport.bytesReceived += bytesReceived;
  totals.transport.bytesSent += bytesSent;
  addReasons(totals.transport.dropped, dropped);
}

function addReceived(totals: Writable<Totals['received']>, stats: TrackStats): void {
  totals.packets += stats.packetsReceived;
  totals.bytes += stats.bytesReceived;
  totals.lost += Math.max(0, stats.packetsLost);
  totals.retransmitted += stats.retransmittedPacketsReceived;
  totals.nacks += stats.nackCount;
  totals.plis += stats.pliCount;
  totals.firs += stats.firCount;
  addReasons(totals.dropped, stats.dropped);
}

function addSent(totals: Writable<Totals['sent']>, stats: OutboundTrackStats): void {
  totals.packets += stats.packetsSent;
  totals.bytes += stats.bytesSent;
  totals.retransmitted += stats.retransmittedPacketsSent;
  totals.nacks += stats.nackCount;
  totals.plis += stats.pliCount;
  totals.firs += stats.firCount;
  addReasons(totals.dropped, stats.dropped);
}

function addReasons(totals: Record<string, number>, reasons: Readonly<Record<string, number>>): void {
  for (const [reason, count] of Object.entries(reasons)) totals[reason] = (totals[reason] ?? 0) + count;
}

function nothing(): Writable<Totals> {
  return {
    received: { packets: 0, bytes: 0, lost: 0, retransmitted: 0, nacks: 0, plis: 0, firs: 0, dropped: {} },
    sent: { packets: 0, bytes: 0, retransmitted: 0, nacks: 0, plis: 0, firs: 0, dropped: {} },
    transport: { bytesReceived: 0, bytesSent: 0, dropped: {} },
  };
}
