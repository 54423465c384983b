import type { ServerStats } from '../api/server-stats.ts';

/** What the server does at this moment. Undefined is not known yet, or not told. */
export interface Figures {
  readonly sessions: number;
  readonly streams: number;
  /** Bit/s, all transports together. */
  readonly bitrateIn: number | undefined;
  readonly bitrateOut: number | undefined;
  /** Share of the time that the event loop of the server was busy, 0 to 1. Near 1, everything waits. */
  readonly eventLoop: number | undefined;
  /** Packets since the start of the server, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Makes rates of counters. */
export interface FigureMaker {
  of(stats: ServerStats): Figures;
}

/** One that has not seen any counters. */
export function createFigures(): FigureMaker {
  let before: ServerStats | undefined;
  return {
    of(stats) {
      // A server that was started again counts from nought.
      const last = before && before.uptimeMs < stats.uptimeMs ? before : undefined;
      before = stats;
      const rate = (counter: (of: ServerStats) => number | undefined): number | undefined => {
        const [from, to] = [last && counter(last), counter(stats)];
        return last && from !== undefined && to !== undefined ? ((to - from) * 1000) / (stats.uptimeMs - last.uptimeMs) : undefined;
      };
      return {
        sessions: stats.sessions.open,
        streams: stats.streams.live,
        bitrateIn: rate(({ engine }) => engine && engine.media.transport.bytesReceived * 8),
        bitrateOut: rate(({ engine }) => engine && engine.media.transport.bytesSent * 8),
        eventLoop: rate(({ process }) => process.eventLoopActiveSeconds),
        dropped: droppedOf(stats),
      };
    },
  };
}

function droppedOf({ engine }: ServerStats): Record<string, number> {
  if (!engine) return {};
  const { received, sent, transport } = engine.media;
  const all = [engine.dropped, received.dropped, sent.dropped, transport.dropped].flatMap((counts) => Object.entries(counts));
  const sums: Record<string, number> = {};
  for (const [reason, count] of all) if (count > 0) sums[reason] = (sums[reason] ?? 0) + count;
  return sums;
}
