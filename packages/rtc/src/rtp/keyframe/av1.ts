import { parseSequenceHeader } from './av1-sequence-header.ts';
import type { KeyframeParser } from './frame-size.ts';

// Aggregation header (RTP Payload Format For AV1, section 4.4).
const CONTINUES_FRAGMENT = 0x80;
const NEW_CODED_VIDEO_SEQUENCE = 0x08;

// OBU header (AV1 section 5.3.2).
const SEQUENCE_HEADER = 1;
const HAS_EXTENSION = 0x04;
const HAS_SIZE = 0x02;

/** AV1 (RTP Payload Format For AV1, version 1.0): the first packet of a coded video sequence. */
export const av1Keyframes: KeyframeParser = {
  isKeyframe(packet, offset, end) {
    return offset < end && (packet.readUInt8(offset) & NEW_CODED_VIDEO_SEQUENCE) !== 0;
  },

  frameSize(packet, offset, end) {
    if (offset >= end) return undefined;
    const aggregation = packet.readUInt8(offset);
    if ((aggregation & CONTINUES_FRAGMENT) !== 0) return undefined;
    const elementCount = (aggregation >> 4) & 0x03;
    let at = offset + 1;
    for (let index = 1; at < end; index++) {
      // The last of a stated number of elements has no length field.
      const length = index === elementCount ? { value: end - at, next: at } : readLeb128(packet, at, end);
      if (!length || length.next + length.value > end) return undefined;
      const elementEnd = length.next + length.value;
      const sequenceHeader = sequenceHeaderOffset(packet, length.next, elementEnd);
      if (sequenceHeader !== undefined) return parseSequenceHeader(packet.subarray(sequenceHeader, elementEnd));
      at = elementEnd;
    }
    return undefined;
  },
};

/** Where the content begins, if this OBU is a sequence header. */
function sequenceHeaderOffset(packet: Buffer, offset: number, end: number): number | undefined {
  if (offset >= end) return undefined;
  const header = packet.readUInt8(offset);
  if (((header >> 3) & 0x0f) !== SEQUENCE_HEADER) return undefined;
  const content = offset + ((header & HAS_EXTENSION) === 0 ? 1 : 2);
  return (header & HAS_SIZE) === 0 ? content : readLeb128(packet, content, end)?.next;
}

/** AV1 section 4.10.5, as far as a length can be that fits a datagram. */
function readLeb128(packet: Buffer, offset: number, end: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  for (let index = 0; index < 4 && offset + index < end; index++) {
    const byte = packet.readUInt8(offset + index);
    value |= (byte & 0x7f) << (7 * index);
    if ((byte & 0x80) === 0) return { value, next: offset + index + 1 };
  }
  return undefined;
}
