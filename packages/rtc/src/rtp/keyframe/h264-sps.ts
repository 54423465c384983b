import { BitReader } from './bit-reader.ts';
import { croppedSize, readCropping } from './cropping.ts';
import type { FrameSize } from './frame-size.ts';
import { withoutEmulationPrevention } from './nal-unit.ts';

/** Profiles whose SPS has chroma fields (H.264 section 7.3.2.1.1). */
const CHROMA_PROFILES: ReadonlySet<number> = new Set([44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244]);
const MAX_PICTURE_ORDER_FRAMES = 255;

/** The cropped picture size of a sequence parameter set, its one-byte NAL header included (H.264 section 7.3.2.1.1). */
export function parseSps(packet: Buffer, offset: number, end: number): FrameSize | undefined {
  if (offset + 4 > end) return undefined;
  const profile = packet.readUInt8(offset + 1);
  const bits = new BitReader(withoutEmulationPrevention(packet, offset + 4, end));
  bits.exponentialGolomb(); // seq_parameter_set_id
  const chromaFormat = CHROMA_PROFILES.has(profile) ? readChromaFormat(bits) : 1;
  bits.exponentialGolomb(); // log2_max_frame_num_minus4
  skipPictureOrderCount(bits);
  bits.exponentialGolomb(); // max_num_ref_frames
  bits.skip(1); // gaps_in_frame_num_value_allowed_flag
  const widthInMacroblocks = bits.exponentialGolomb() + 1;
  const heightInMapUnits = bits.exponentialGolomb() + 1;
  const fieldsPerMapUnit = bits.flag() ? 1 : 2; // frame_mbs_only_flag
  if (fieldsPerMapUnit === 2) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  const cropping = readCropping(bits);
  if (bits.overrun) return undefined;
  const coded = { width: widthInMacroblocks * 16, height: heightInMapUnits * 16 * fieldsPerMapUnit };
  return croppedSize(coded, cropping, chromaFormat, fieldsPerMapUnit);
}

function readChromaFormat(bits: BitReader): number {
  const chromaFormat = bits.exponentialGolomb();
  if (chromaFormat === 3) bits.skip(1); // separate_colour_plane_flag
  bits.exponentialGolomb(); // bit_depth_luma_minus8
  bits.exponentialGolomb(); // bit_depth_chroma_minus8
  bits.skip(1); // qpprime_y_zero_transform_bypass_flag
  const hasScalingMatrix = bits.flag();
  if (hasScalingMatrix) skipScalingMatrix(bits, chromaFormat === 3 ? 12 : 8);
  return chromaFormat;
}

function skipScalingMatrix(bits: BitReader, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
  }
}

/** H.264 section 7.3.2.1.1.1. */
function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  for (let index = 0; index < size; index++) {
    const next = (last + bits.signedExponentialGolomb()) & 0xff;
    if (next === 0) return;
    last = next;
  }
}

function skipPictureOrderCount(bits: BitReader): void {
  const type = bits.exponentialGolomb();
  if (type === 0) bits.exponentialGolomb(); // log2_max_pic_order_cnt_lsb_minus4
  if (type !== 1) return;
  bits.skip(1); // delta_pic_order_always_zero_flag
  bits.exponentialGolomb(); // offset_for_non_ref_pic
  bits.exponentialGolomb(); // offset_for_top_to_bottom_field
  const frames = Math.min(bits.exponentialGolomb(), MAX_PICTURE_ORDER_FRAMES);
  for (let frame = 0; frame < frames; frame++) bits.exponentialGolomb();
}
