import type { Codec } from '@sluice/core';
import { beginsBSlice, h264ProfileLevelId } from '../rtp/keyframe/h264.ts';
import { PictureOrder } from '../rtp/picture-order.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';

/** What the packets of an H264 or H265 stream say of it beside its description: the profile, and whether it has B-frames. */
export class StreamInspection {
  readonly #isH264: boolean;
  readonly #order = new PictureOrder();
  #hasBSlices = false;
  /** Of the last sequence parameter set. */
  profileLevelId: string | undefined;

  constructor(codecName: string) {
    this.#isH264 = codecName.toUpperCase() === 'H264';
  }

  /** Whether there is something to look at in packets of this codec. */
  static concerns({ name }: Codec): boolean {
    return ['H264', 'H265'].includes(name.toUpperCase());
  }

  /** H265 has B slices without B-frames (low delay), so there only the order tells. */
  get hasBFrames(): boolean {
    return this.#hasBSlices || this.#order.isReordered;
  }

  /** @param keyframe whether one begins here, as parameter sets do too */
  onPacket({ buffer, payloadOffset, payloadEnd, sequenceNumber, timestamp }: RtpPacket, keyframe: boolean): void {
    if (!this.hasBFrames) {
      this.#order.onPacket(sequenceNumber, timestamp);
      this.#hasBSlices = this.#isH264 && beginsBSlice(buffer, payloadOffset, payloadEnd);
    }
    if (keyframe && this.#isH264) this.profileLevelId = h264ProfileLevelId(buffer, payloadOffset, payloadEnd) ?? this.profileLevelId;
  }
}
