/** Three sizes, the largest first; servers and pages know these names. */
const LAYERS = [
  { rid: 'h', scaleResolutionDownBy: 1, share: 1 },
  { rid: 'm', scaleResolutionDownBy: 2, share: 0.3 },
  { rid: 'l', scaleResolutionDownBy: 4, share: 0.1 },
] as const;

/** Of the largest layer, bit/s. */
const USUAL_BITRATE = 2_000_000;

/**
 * How a picture is sent.
 * @param maxBitrate of the largest layer, bit/s
 */
export function encodingsOf(simulcast: boolean | readonly RTCRtpEncodingParameters[], maxBitrate: number | undefined): RTCRtpEncodingParameters[] {
  if (typeof simulcast === 'object') return [...simulcast];
  if (!simulcast) return [maxBitrate === undefined ? {} : { maxBitrate }];
  return LAYERS.map(({ rid, scaleResolutionDownBy, share }) => ({ rid, scaleResolutionDownBy, maxBitrate: Math.round((maxBitrate ?? USUAL_BITRATE) * share) }));
}
