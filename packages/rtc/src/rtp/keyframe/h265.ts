import type { KeyframeParser } from './frame-size.ts';
import { parseSps } from './h265-sps.ts';
import { findAggregatedUnit } from './nal-unit.ts';

// NAL unit types (H.265 table 7-1, RFC 7798 section 4.4).
const FIRST_IRAP = 16;
const LAST_IRAP = 23;
const VPS = 32;
const SPS = 33;
const AGGREGATION = 48;
const FRAGMENTATION = 49;
const FU_START = 0x80;
/** Bytes of the payload header, which is a NAL unit header. */
const HEADER_LENGTH = 2;

/** H.265 (RFC 7798): a random access picture, or the parameter sets before it. */
export const h265Keyframes: KeyframeParser = {
  isKeyframe(packet, offset, end) {
    if (offset + HEADER_LENGTH > end) return false;
    const type = unitType(packet.readUInt8(offset));
    const body = offset + HEADER_LENGTH;
    if (type === AGGREGATION) return findAggregatedUnit(packet, body, end, (first) => beginsKeyframe(unitType(first))) !== undefined;
    if (type !== FRAGMENTATION) return beginsKeyframe(type);
    if (body >= end) return false;
    const fragment = packet.readUInt8(body);
    return (fragment & FU_START) !== 0 && beginsKeyframe(fragment & 0x3f);
  },

  frameSize(packet, offset, end) {
    if (offset + HEADER_LENGTH > end) return undefined;
    const type = unitType(packet.readUInt8(offset));
    if (type === SPS) return parseSps(packet, offset, end);
    if (type !== AGGREGATION) return undefined;
    const sps = findAggregatedUnit(packet, offset + HEADER_LENGTH, end, (first) => unitType(first) === SPS);
    return sps && parseSps(packet, sps.offset, sps.end);
  },
};

function beginsKeyframe(type: number): boolean {
  return (type >= FIRST_IRAP && type <= LAST_IRAP) || type === VPS || type === SPS;
}

function unitType(firstByte: number): number {
  return (firstByte >> 1) & 0x3f;
}
