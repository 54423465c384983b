import { BitReader } from './bit-reader.ts';
import type { FrameSize } from './frame-size.ts';

const MAX_LEVEL_WITHOUT_TIER = 7;

/** The largest frame that an AV1 sequence header OBU, without its OBU header, allows (AV1 section 5.5.1). */
export function parseSequenceHeader(content: Uint8Array): FrameSize | undefined {
  const bits = new BitReader(content);
  bits.skip(3 + 1); // seq_profile, still_picture
  const reduced = bits.flag(); // reduced_still_picture_header
  if (reduced) bits.skip(5); // seq_level_idx
  else skipOperatingPoints(bits);
  const widthBits = bits.bits(4) + 1;
  const heightBits = bits.bits(4) + 1;
  const width = bits.bits(widthBits) + 1;
  const height = bits.bits(heightBits) + 1;
  return bits.overrun ? undefined : { width, height };
}

function skipOperatingPoints(bits: BitReader): void {
  const hasTimingInfo = bits.flag();
  if (hasTimingInfo) skipTimingInfo(bits);
  const hasDecoderModel = hasTimingInfo && bits.flag();
  const delayBits = hasDecoderModel ? readDecoderModel(bits) : 0;
  const hasInitialDelay = bits.flag();
  const points = bits.bits(5) + 1;
  for (let point = 0; point < points; point++) {
    bits.skip(12); // operating_point_idc
    const level = bits.bits(5);
    if (level > MAX_LEVEL_WITHOUT_TIER) bits.skip(1); // seq_tier
    const pointHasModel = hasDecoderModel && bits.flag();
    if (pointHasModel) bits.skip(2 * delayBits + 1); // operating_parameters_info
    const pointHasInitialDelay = hasInitialDelay && bits.flag();
    if (pointHasInitialDelay) bits.skip(4);
  }
}

/** AV1 section 5.5.3. */
function skipTimingInfo(bits: BitReader): void {
  bits.skip(32 + 32); // num_units_in_display_tick, time_scale
  const hasEqualPictureInterval = bits.flag();
  if (hasEqualPictureInterval) bits.exponentialGolomb();
}

/** AV1 section 5.5.4. @returns the bits of each buffer delay */
function readDecoderModel(bits: BitReader): number {
  const delayBits = bits.bits(5) + 1;
  bits.skip(32 + 5 + 5); // num_units_in_decoding_tick, buffer_removal_time_length, frame_presentation_time_length
  return delayBits;
}
