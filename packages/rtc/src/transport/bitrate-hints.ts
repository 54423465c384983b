import type { BitrateHints } from '@sluice/core';
import type { ResolvedEngineOptions } from '../engine-options.ts';

/** What publishers are told of their bitrate when a plugin says nothing else. */
export function bitrateHints(engine: Pick<ResolvedEngineOptions, 'startBitrateKbps' | 'minBitrateKbps' | 'maxBitrateKbps'>): BitrateHints {
  return { startKbps: said(engine.startBitrateKbps), minKbps: said(engine.minBitrateKbps), maxKbps: said(engine.maxBitrateKbps) };
}

/** 0 leaves it to the browser. */
function said(kbps: number): number | undefined {
  return kbps === 0 ? undefined : kbps;
}
