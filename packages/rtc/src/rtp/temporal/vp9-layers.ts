import type { LayerMark } from './layer-mark.ts';

// Flags of the payload descriptor (RFC 9628 section 4.2).
const PICTURE_ID = 0x80;
const LAYER_INDICES = 0x20;
const FLEXIBLE_MODE = 0x10;
const BEGINS_FRAME = 0x08;
const ENDS_FRAME = 0x04;
const SWITCHING_UP_POINT = 0x10;

/**
 * Reads a VP9 payload descriptor of either mode into `mark`, which is reset; a frame is that of
 * one spatial layer. @returns false when it is cut short
 */
export function readVp9Layers(mark: LayerMark, packet: Buffer, offset: number, end: number): boolean {
  mark.reset();
  if (offset >= end) return false;
  const flags = packet.readUInt8(offset);
  mark.beginsFrame = (flags & BEGINS_FRAME) !== 0;
  mark.endsFrame = (flags & ENDS_FRAME) !== 0;
  const next = (flags & PICTURE_ID) === 0 ? offset + 1 : mark.readPictureId(packet, offset + 1, end);
  if (next < 0) return false;
  if ((flags & LAYER_INDICES) === 0) return true;
  if (next >= end) return false;
  const layers = packet.readUInt8(next);
  mark.marked = true;
  mark.temporalLayer = layers >> 5;
  mark.switchingPoint = (layers & SWITCHING_UP_POINT) !== 0;
  mark.spatialLayer = (layers >> 1) & 0x07;
  // In flexible mode references follow instead, which name the frames themselves.
  return (flags & FLEXIBLE_MODE) !== 0 || mark.readBaseLayerIndex(packet, next + 1, end) >= 0;
}
