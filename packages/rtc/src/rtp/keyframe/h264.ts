import type { FrameSize, KeyframeParser } from './frame-size.ts';
import { parseSps } from './h264-sps.ts';
import { findAggregatedUnit } from './nal-unit.ts';

// NAL unit types (RFC 6184 section 5.2).
const IDR_SLICE = 5;
const SPS = 7;
const STAP_A = 24;
const FU_A = 28;
const FU_START = 0x80;

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
    if (offset >= end) return undefined;
    const type = unitType(packet.readUInt8(offset));
    if (type === SPS) return parseSps(packet, offset, end);
    if (type !== STAP_A) return undefined;
    const sps = findAggregatedUnit(packet, offset + 1, end, isSps);
    return sps && parseSps(packet, sps.offset, sps.end);
  },
};

function beginsKeyframe(firstByte: number): boolean {
  return unitType(firstByte) === IDR_SLICE || isSps(firstByte);
}

function isSps(firstByte: number): boolean {
  return unitType(firstByte) === SPS;
}

function unitType(firstByte: number): number {
  return firstByte & 0x1f;
}
