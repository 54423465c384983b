import type { BitrateHints } from '@sluice/core';
import type { CongestionLimits } from '../congestion/congestion-limits.ts';
import type { ResolvedEngineOptions } from '../engine-options.ts';

/** What publishers are told of their bitrate when a plugin says nothing else. */
export function bitrateHints(engine: Pick<ResolvedEngineOptions, 'startBitrateKbps' | 'minBitrateKbps' | 'maxBitrateKbps'>): BitrateHints {
  return { startKbps: said(engine.startBitrateKbps), minKbps: said(engine.minBitrateKbps), maxKbps: said(engine.maxBitrateKbps) };
}

/** The bounds of what is estimated for a viewer. */
export function viewerBitrate(
  engine: Pick<ResolvedEngineOptions, 'viewerStartBitrateKbps' | 'viewerMinBitrateKbps' | 'viewerMaxBitrateKbps'>,
): CongestionLimits {
  return {
    minBitrate: 1000 * engine.viewerMinBitrateKbps,
    startBitrate: 1000 * engine.viewerStartBitrateKbps,
    maxBitrate: 1000 * engine.viewerMaxBitrateKbps,
  };
}

/** 0 leaves it to the browser. */
function said(kbps: number): number | undefined {
  return kbps === 0 ? undefined : kbps;
}
