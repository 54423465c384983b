import type { FrameSize, KeyframeParser } from './frame-size.ts';

// Flags of the payload descriptor (RFC 9628 section 4.2).
const PICTURE_ID = 0x80;
const INTER_PICTURE_PREDICTED = 0x40;
const LAYER_INDICES = 0x20;
const FLEXIBLE_MODE = 0x10;
const BEGINS_FRAME = 0x08;
const SCALABILITY_STRUCTURE = 0x02;

interface Descriptor {
  readonly flags: number;
  readonly spatialLayer: number;
  /** Where the scalability structure begins, if the descriptor has one. */
  readonly structureOffset: number;
}

/** VP9 (RFC 9628 section 4.2). */
export const vp9Keyframes: KeyframeParser = {
  isKeyframe(packet, offset, end) {
    const descriptor = readDescriptor(packet, offset, end);
    // Higher spatial layers of a key picture depend on the lowest.
    return descriptor !== undefined && beginsKeyPicture(descriptor) && descriptor.spatialLayer === 0;
  },

  frameSize(packet, offset, end) {
    const descriptor = readDescriptor(packet, offset, end);
    if (!descriptor || !beginsKeyPicture(descriptor)) return undefined;
    const hasStructure = (descriptor.flags & SCALABILITY_STRUCTURE) !== 0;
    return hasStructure ? largestLayer(packet, descriptor.structureOffset, end) : undefined;
  },
};

function beginsKeyPicture({ flags }: Descriptor): boolean {
  return (flags & BEGINS_FRAME) !== 0 && (flags & INTER_PICTURE_PREDICTED) === 0;
}

function readDescriptor(packet: Buffer, offset: number, end: number): Descriptor | undefined {
  if (offset >= end) return undefined;
  const flags = packet.readUInt8(offset);
  let next = offset + 1;
  if (flags & PICTURE_ID) {
    if (next >= end) return undefined;
    next += (packet.readUInt8(next) & 0x80) === 0 ? 1 : 2;
  }
  let spatialLayer = 0;
  if (flags & LAYER_INDICES) {
    if (next >= end) return undefined;
    spatialLayer = (packet.readUInt8(next) >> 1) & 0x07;
    // Without flexible mode TL0PICIDX follows.
    next += (flags & FLEXIBLE_MODE) === 0 ? 2 : 1;
  }
  // Reference indices, which would come next, belong to inter-predicted pictures only.
  return { flags, spatialLayer, structureOffset: next };
}

/** The last layer that the scalability structure gives a size for (RFC 9628 section 4.2.1). */
function largestLayer(packet: Buffer, offset: number, end: number): FrameSize | undefined {
  if (offset >= end) return undefined;
  const flags = packet.readUInt8(offset);
  const hasSizes = (flags & 0x10) !== 0;
  const lastLayer = offset + 1 + 4 * (flags >> 5);
  if (!hasSizes || lastLayer + 4 > end) return undefined;
  return { width: packet.readUInt16BE(lastLayer), height: packet.readUInt16BE(lastLayer + 2) };
}
