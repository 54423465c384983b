import type { KeyframeParser } from './frame-size.ts';

/** VP8 (RFC 7741 section 4, RFC 6386 section 9.1). */
export const vp8Keyframes: KeyframeParser = {
  isKeyframe(packet, offset, end) {
    const header = frameHeaderOffset(packet, offset, end);
    if (header === undefined) return false;
    const isInterframe = (packet.readUInt8(header) & 0x01) !== 0;
    return !isInterframe;
  },

  frameSize(packet, offset, end) {
    const header = frameHeaderOffset(packet, offset, end);
    if (header === undefined || header + 10 > end) return undefined;
    const isInterframe = (packet.readUInt8(header) & 0x01) !== 0;
    if (isInterframe || packet.readUIntBE(header + 3, 3) !== 0x9d012a) return undefined;
    // The two bits above each size are a scaling hint.
    return { width: packet.readUInt16LE(header + 6) & 0x3fff, height: packet.readUInt16LE(header + 8) & 0x3fff };
  },
};

/** Skips the payload descriptor of a packet that begins a frame. */
function frameHeaderOffset(packet: Buffer, offset: number, end: number): number | undefined {
  if (offset >= end) return undefined;
  const descriptor = packet.readUInt8(offset);
  const beginsFrame = (descriptor & 0x10) !== 0 && (descriptor & 0x07) === 0;
  if (!beginsFrame) return undefined;
  const hasExtension = (descriptor & 0x80) !== 0;
  const header = hasExtension ? skipExtension(packet, offset + 1, end) : offset + 1;
  return header < end ? header : undefined;
}

function skipExtension(packet: Buffer, at: number, end: number): number {
  if (at + 1 >= end) return end;
  const flags = packet.readUInt8(at);
  const hasPictureId = (flags & 0x80) !== 0;
  const hasLayerZeroIndex = (flags & 0x40) !== 0;
  const hasLayerOrKeyIndex = (flags & 0x30) !== 0;
  let next = at + 1;
  if (hasPictureId) next += (packet.readUInt8(next) & 0x80) === 0 ? 1 : 2;
  if (hasLayerZeroIndex) next++;
  if (hasLayerOrKeyIndex) next++;
  return next;
}
