import type { Figure } from '../goals.ts';
import type { Pacing } from '../load/pacer.ts';
import type { ProfileName } from '../load/profiles.ts';
import type { ServerName } from '../servers/names.ts';

export const PART_NAMES = ['forward', 'set-up', 'answers', 'capacity', 'growth', 'memory', 'ends', 'start', 'bitrate', 'loss'] as const;
export type PartName = (typeof PART_NAMES)[number];

/** What a part measures with. */
export interface PartContext {
  readonly servers: readonly ServerName[];
  /** That everything runs on. */
  readonly address: string;
  readonly profile: ProfileName;
  /** Share of the packets that viewers pretend not to have got. */
  readonly loss: number;
  /** Of publishers. */
  readonly pacing: Pacing;
  readonly profileFolder: string | undefined;
  readonly viewerCounts: readonly number[];
  /** Packets per second. */
  readonly rates: readonly number[];
  /** Of each measurement. */
  readonly seconds: number;
  /** Of the set-up measurement. */
  readonly sessions: number;
  /** Whether figures may be rough, so that a run is short. */
  readonly quick: boolean;
  readonly progress: (text: string) => void;
}

/** What a part has found. */
export interface PartResult {
  readonly title: string;
  /** The first row is the header. */
  readonly table: readonly (readonly string[])[];
  /** What a reader must know. */
  readonly notes: readonly string[];
  readonly figures: readonly Figure[];
  /** The raw measurements, for `--json`. */
  readonly data: unknown;
}

/** Measures one thing and says it in a table. */
export type Part = (context: PartContext) => Promise<PartResult>;
