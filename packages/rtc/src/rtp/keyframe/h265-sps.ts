import { BitReader } from './bit-reader.ts';
import { croppedSize, readCropping } from './cropping.ts';
import type { FrameSize } from './frame-size.ts';
import { withoutEmulationPrevention } from './nal-unit.ts';

/** Bits of profile and level in profile_tier_level (H.265 section 7.3.3). */
const PROFILE_BITS = 88;
const LEVEL_BITS = 8;

/** The cropped picture size of a sequence parameter set, its two-byte NAL header included (H.265 section 7.3.2.2.1). */
export function parseSps(packet: Buffer, offset: number, end: number): FrameSize | undefined {
  if (offset + 2 > end) return undefined;
  const bits = new BitReader(withoutEmulationPrevention(packet, offset + 2, end));
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.bits(3); // sps_max_sub_layers_minus1
  bits.skip(1); // sps_temporal_id_nesting_flag
  skipProfileTierLevel(bits, subLayers);
  bits.exponentialGolomb(); // sps_seq_parameter_set_id
  const chromaFormat = bits.exponentialGolomb();
  if (chromaFormat === 3) bits.skip(1); // separate_colour_plane_flag
  const coded = { width: bits.exponentialGolomb(), height: bits.exponentialGolomb() };
  const cropping = readCropping(bits);
  return bits.overrun ? undefined : croppedSize(coded, cropping, chromaFormat, 1);
}

function skipProfileTierLevel(bits: BitReader, subLayers: number): void {
  bits.skip(PROFILE_BITS + LEVEL_BITS);
  const present: { readonly profile: boolean; readonly level: boolean }[] = [];
  for (let layer = 0; layer < subLayers; layer++) present.push({ profile: bits.flag(), level: bits.flag() });
  if (subLayers > 0) bits.skip(2 * (8 - subLayers)); // reserved_zero_2bits
  for (const { profile, level } of present) bits.skip((profile ? PROFILE_BITS : 0) + (level ? LEVEL_BITS : 0));
}
