/** Bounds of one viewer's estimate, bit/s. */
export interface CongestionLimits {
  readonly minBitrate: number;
  /** What is believed before the first measurement. */
  readonly startBitrate: number;
  readonly maxBitrate: number;
}

export function clampBitrate(bitrate: number, limits: CongestionLimits): number {
  return Math.min(Math.max(bitrate, limits.minBitrate), limits.maxBitrate);
}
