import type { LayerMark } from './layer-mark.ts';

// The payload descriptor (RFC 7741 section 4.2).
const EXTENDED = 0x80;
const BEGINS_PARTITION = 0x10;
const PARTITION_INDEX = 0x07;
const HAS_PICTURE_ID = 0x80;
const HAS_BASE_LAYER_INDEX = 0x40;
const HAS_TEMPORAL_LAYER = 0x20;
const HAS_KEY_INDEX = 0x10;
const LAYER_SYNC = 0x20;

/** Reads a VP8 payload descriptor into `mark`, which is reset. @returns false when it is cut short */
export function readVp8Layers(mark: LayerMark, packet: Buffer, offset: number, end: number, marker: boolean): boolean {
  mark.reset();
  if (offset >= end) return false;
  const descriptor = packet.readUInt8(offset);
  mark.beginsFrame = (descriptor & BEGINS_PARTITION) !== 0 && (descriptor & PARTITION_INDEX) === 0;
  mark.endsFrame = marker;
  if ((descriptor & EXTENDED) === 0) return true;
  if (offset + 1 >= end) return false;
  return readExtension(mark, packet, offset + 1, end);
}

function readExtension(mark: LayerMark, packet: Buffer, offset: number, end: number): boolean {
  const flags = packet.readUInt8(offset);
  let next = offset + 1;
  if ((flags & HAS_PICTURE_ID) !== 0) next = mark.readPictureId(packet, next, end);
  if (next >= 0 && (flags & HAS_BASE_LAYER_INDEX) !== 0) next = mark.readBaseLayerIndex(packet, next, end);
  if (next < 0) return false;
  if ((flags & (HAS_TEMPORAL_LAYER | HAS_KEY_INDEX)) === 0) return true;
  if (next >= end) return false;
  if ((flags & HAS_TEMPORAL_LAYER) === 0) return true;
  const layer = packet.readUInt8(next);
  mark.marked = true;
  mark.temporalLayer = layer >> 6;
  mark.switchingPoint = (layer & LAYER_SYNC) !== 0;
  return true;
}
