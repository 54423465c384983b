import { BitReader } from './bit-reader.ts';
import type { FrameSize, KeyframeParser } from './frame-size.ts';
import { parseSps } from './h264-sps.ts';
import { findAggregatedUnit } from './nal-unit.ts';

// NAL unit types (RFC 6184 section 5.2).
const NON_IDR_SLICE = 1;
const IDR_SLICE = 5;
const SPS = 7;
const STAP_A = 24;
const FU_A = 28;
const FU_START = 0x80;
/** slice_type modulo 5 (H.264 table 7-6). */
const B_SLICE = 1;
/** Two Exp-Golomb numbers of at most 32 bits. */
const MAX_SLICE_PREFIX = 16;

interface Bounds {
  readonly offset: number;
  readonly end: number;
}

/** H.264 (RFC 6184): an IDR slice, or the parameter set before it. */
export const h264Keyframes: KeyframeParser = {
  isKeyframe(packet, offset, end) {
    if (offset >= end) return false;
    const type = unitType(packet.readUInt8(offset));
    if (type === STAP_A) return findAggregatedUnit(packet, offset + 1, end, beginsKeyframe) !== undefined;
    if (type !== FU_A) return beginsKeyframe(type);
    if (offset + 1 >= end) return false;
    const fragment = packet.readUInt8(offset + 1);
    return (fragment & FU_START) !== 0 && beginsKeyframe(fragment);
  },

  frameSize(packet, offset, end): FrameSize | undefined {
    const sps = findUnit(packet, offset, end, isSps);
    return sps && parseSps(packet, sps.offset, sps.end);
  },
};

/** The `profile-level-id` that a payload's sequence parameter set states, if it has one: the three bytes behind its header (H.264 section 7.3.2.1.1). */
export function h264ProfileLevelId(packet: Buffer, offset: number, end: number): string | undefined {
  const sps = findUnit(packet, offset, end, isSps);
  if (!sps || sps.offset + 4 > sps.end) return undefined;
  return packet.toString('hex', sps.offset + 1, sps.offset + 4);
}

/** Whether a B slice begins in a payload (H.264 section 7.3.3). */
export function beginsBSlice(packet: Buffer, offset: number, end: number): boolean {
  const slice = findUnit(packet, offset, end, isNonIdrSlice) ?? fragmentedSlice(packet, offset, end);
  if (!slice) return false;
  const bits = new BitReader(packet.subarray(slice.offset + 1, Math.min(slice.end, slice.offset + 1 + MAX_SLICE_PREFIX)));
  bits.exponentialGolomb(); // first_mb_in_slice
  const type = bits.exponentialGolomb();
  return !bits.overrun && type % 5 === B_SLICE;
}

/** The unit of a single NAL unit packet, or the first in an aggregation packet, that is accepted. */
function findUnit(packet: Buffer, offset: number, end: number, accepts: (firstByte: number) => boolean): Bounds | undefined {
  if (offset >= end) return undefined;
  const first = packet.readUInt8(offset);
  if (accepts(first)) return { offset, end };
  return unitType(first) === STAP_A ? findAggregatedUnit(packet, offset + 1, end, accepts) : undefined;
}

/** The first fragment of a slice; its header's second byte stands where that of a unit would be. */
function fragmentedSlice(packet: Buffer, offset: number, end: number): Bounds | undefined {
  if (offset + 1 >= end || unitType(packet.readUInt8(offset)) !== FU_A) return undefined;
  const fragment = packet.readUInt8(offset + 1);
  return (fragment & FU_START) !== 0 && isNonIdrSlice(fragment) ? { offset: offset + 1, end } : undefined;
}

function beginsKeyframe(firstByte: number): boolean {
  return unitType(firstByte) === IDR_SLICE || isSps(firstByte);
}

function isNonIdrSlice(firstByte: number): boolean {
  return unitType(firstByte) === NON_IDR_SLICE;
}

function isSps(firstByte: number): boolean {
  return unitType(firstByte) === SPS;
}

function unitType(firstByte: number): number {
  return firstByte & 0x1f;
}
