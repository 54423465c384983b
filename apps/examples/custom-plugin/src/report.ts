import type { MediaKind } from '@sluice/core';

/** What one track has carried since the recording began. */
export interface TrackReport {
  readonly kind: MediaKind;
  /** Absent until the first packet says it. */
  readonly codec?: string | undefined;
  readonly packets: number;
  /** Payload, headers not counted. */
  readonly bytes: number;
  readonly keyframes: number;
}

/** What a recorder is told. */
export interface Report {
  readonly app: string;
  readonly stream: string;
  readonly tracks: readonly TrackReport[];
  /** Why the stream has ended; then this is the last report. */
  readonly ended?: string | undefined;
}
