import type { LayerMark } from './layer-mark.ts';

// Aggregation header (RTP Payload Format For AV1, section 4.4).
const CONTINUES_FRAGMENT = 0x80;
const ELEMENT_COUNT = 0x30;
const ONE_ELEMENT = 0x10;
const MAX_LENGTH_BYTES = 4;

// OBU header (AV1 sections 5.3.2 and 5.3.3).
const HAS_EXTENSION = 0x04;

/**
 * Reads the layers of the first OBU that begins in an AV1 payload into `mark`, which is reset. They say nothing of
 * switching points, and a payload that only continues an OBU says nothing at all.
 * @returns false when it is cut short
 */
export function readAv1Layers(mark: LayerMark, packet: Buffer, offset: number, end: number, marker: boolean): boolean {
  mark.reset();
  mark.endsFrame = marker;
  if (offset >= end) return false;
  const aggregation = packet.readUInt8(offset);
  if ((aggregation & CONTINUES_FRAGMENT) !== 0) return true;
  // Each element but the last of a stated number stands behind its length.
  const header = (aggregation & ELEMENT_COUNT) === ONE_ELEMENT ? offset + 1 : behindLength(packet, offset + 1, end);
  if (header >= end) return false;
  if ((packet.readUInt8(header) & HAS_EXTENSION) === 0) return true;
  if (header + 1 >= end) return false;
  const extension = packet.readUInt8(header + 1);
  mark.marked = true;
  mark.temporalLayer = extension >> 5;
  mark.spatialLayer = (extension >> 3) & 0x03;
  return true;
}

/** The position behind a leb128 number (AV1 section 4.10.5). */
function behindLength(packet: Buffer, offset: number, end: number): number {
  const stop = Math.min(end, offset + MAX_LENGTH_BYTES);
  for (let at = offset; at < stop; at++) {
    if ((packet.readUInt8(at) & 0x80) === 0) return at + 1;
  }
  return end;
}
