/**
 * What one packet says of its place among temporal and spatial layers. Made once and filled
 * packet after packet, so that reading a packet allocates nothing; plain data.
 */
export class LayerMark {
  /** 0 is the base layer; also 0 when {@link marked} is false. */
  temporalLayer = 0;
  spatialLayer = 0;
  /** Whether the packet says its temporal layer at all. */
  marked = false;
  /** Whether who has taken lower temporal layers only may take this one from this packet's frame on. */
  switchingPoint = false;
  /** The highest temporal layer that who has this packet's frame may take from then on; -1 where nothing says it. */
  switchesUpTo = -1;
  beginsFrame = false;
  endsFrame = false;

  /** 7 or 15 bits (RFC 7741, RFC 9628), or the 16 bits of an AV1 frame number; -1 = none. */
  pictureId = -1;
  /** Where it stands in the buffer, its M bit included; only for VP8 and VP9. */
  pictureIdOffset = 0;
  /** Bits of {@link pictureId}: 7, 15 or 16. */
  pictureIdBits = 0;
  /** TL0PICIDX, 8 bits; -1 = none. */
  baseLayerIndex = -1;
  /** Where it stands in the buffer. */
  baseLayerIndexOffset = 0;

  reset(): void {
    this.temporalLayer = 0;
    this.spatialLayer = 0;
    this.marked = false;
    this.switchingPoint = false;
    this.switchesUpTo = -1;
    this.beginsFrame = false;
    this.endsFrame = false;
    this.pictureId = -1;
    this.pictureIdOffset = 0;
    this.pictureIdBits = 0;
    this.baseLayerIndex = -1;
    this.baseLayerIndexOffset = 0;
  }

  /** Takes a picture id with its M bit, as VP8 and VP9 write it. @returns the position behind it, or -1 past the end */
  readPictureId(packet: Buffer, offset: number, end: number): number {
    if (offset >= end) return -1;
    const first = packet.readUInt8(offset);
    const isLong = (first & 0x80) !== 0;
    if (isLong && offset + 2 > end) return -1;
    this.pictureId = isLong ? packet.readUInt16BE(offset) & 0x7fff : first;
    this.pictureIdBits = isLong ? 15 : 7;
    this.pictureIdOffset = offset;
    return offset + (isLong ? 2 : 1);
  }

  /** @returns the position behind TL0PICIDX, or -1 past the end */
  readBaseLayerIndex(packet: Buffer, offset: number, end: number): number {
    if (offset >= end) return -1;
    this.baseLayerIndex = packet.readUInt8(offset);
    this.baseLayerIndexOffset = offset;
    return offset + 1;
  }
}
