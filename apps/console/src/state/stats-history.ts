import type { EndpointStats, MediaStats } from '@sluice/client';
import { type ReadonlySignal, signal } from '@preact/signals';

/** What a session card shows, of the side whose picture it shows. */
export type SessionStats = MediaStats & Pick<EndpointStats, 'roundTripMs'>;

/** The newest statistics of a session, and how its bitrate went. */
export interface StatsHistory {
  readonly stats: ReadonlySignal<SessionStats | undefined>;
  /** Bit/s of the last half minute, oldest first. */
  readonly bitrates: ReadonlySignal<readonly number[]>;
  add(stats: EndpointStats): void;
  clear(): void;
}

/** Values that are kept. */
const HISTORY = 30;

/** Makes a history that is empty. */
export function createStatsHistory(side: 'sent' | 'received'): StatsHistory {
  const stats = signal<SessionStats>();
  const bitrates = signal<readonly number[]>([]);
  return {
    stats,
    bitrates,
    add({ roundTripMs, [side]: media }) {
      if (!media) return;
      stats.value = { ...media, roundTripMs };
      if (media.bitrate !== undefined) bitrates.value = [...bitrates.value, media.bitrate].slice(-HISTORY);
    },
    clear() {
      stats.value = undefined;
      bitrates.value = [];
    },
  };
}
