import type { EndpointStats } from './stats.ts';

/** Where statistics come from. */
export interface StatsSource {
  readonly isOver: () => boolean;
  /** The returned function ends it. */
  readonly onStats: (listener: (stats: EndpointStats) => void) => () => void;
  readonly onOver: (listener: () => void) => () => void;
}

/** Statistics as they are measured. Of what comes while the caller is busy only the newest is kept. */
export async function* streamStats({ isOver, onStats, onOver }: StatsSource): AsyncGenerator<EndpointStats, void, undefined> {
  let newest: EndpointStats | undefined;
  let arrived = Promise.withResolvers<void>();
  const offStats = onStats((stats) => {
    newest = stats;
    arrived.resolve();
  });
  const offOver = onOver(() => arrived.resolve());
  try {
    while (!isOver()) {
      await arrived.promise;
      arrived = Promise.withResolvers();
      const stats = newest;
      newest = undefined;
      if (stats) yield stats;
    }
  } finally {
    offStats();
    offOver();
  }
}
