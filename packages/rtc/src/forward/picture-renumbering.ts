import type { Codec } from '@sluice/core';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { LayerMark } from '../rtp/temporal/layer-mark.ts';
import { readVp8Layers } from '../rtp/temporal/vp8-layers.ts';
import type { PicturePatch } from './packet-writer.ts';
import type { SentSegment } from './sent-segment.ts';

/** Finds the VP8 picture ids of packets, and what a viewer is to see instead. Allocates nothing per packet. */
export class PictureRenumbering {
  readonly #mark = new LayerMark();
  readonly #patch: PicturePatch = { offset: 0, pictureId: 0 };

  /** @returns -1 where there is none, or one that need not be gapless, as VP9 and AV1 name what a picture depends on */
  idOf(packet: RtpPacket, codec: Codec): number {
    return this.#read(packet, codec) ? this.#mark.pictureId : -1;
  }

  /**
   * @returns undefined where the packet may stay as it is; the object is reused
   */
  patchOf(packet: RtpPacket, segment: SentSegment): PicturePatch | undefined {
    if (!segment.renumbersPictures || !this.#read(packet, segment.codec.codec)) return undefined;
    const pictureId = segment.viewerPicture(this.#mark.pictureId);
    if (pictureId === undefined) return undefined;
    this.#patch.offset = this.#mark.pictureIdOffset;
    this.#patch.pictureId = pictureId;
    return this.#patch;
  }

  /** Whether {@link patchOf} says of this packet now what it said when it was sent. */
  remembers(packet: RtpPacket, segment: SentSegment): boolean {
    if (!segment.renumbersPictures || !this.#read(packet, segment.codec.codec)) return true;
    return segment.viewerPicture(this.#mark.pictureId) !== undefined;
  }

  #read({ buffer, payloadOffset, payloadEnd, marker }: RtpPacket, { name }: Codec): boolean {
    return name.toUpperCase() === 'VP8' && readVp8Layers(this.#mark, buffer, payloadOffset, payloadEnd, marker) && this.#mark.pictureIdBits === 15;
  }
}
