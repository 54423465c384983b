import type { Codec } from '@sluice/core';
import { RtpPacket } from '../rtp/rtp-packet.ts';
import type { SourceLayer } from './source-layer.ts';

/** A source's packet on its way to all viewers; used again for another one after the flush. */
export interface StagedPacket {
  layer: SourceLayer;
  readonly view: RtpPacket;
  /** That the layer's history has for it. */
  sequence: number;
  /** Arena offset of the payload. */
  payloadOffset: number;
  codec: Codec;
  keyframe: boolean;
  temporalLayer: number;
  switchingPoint: boolean;
  switchesUpTo: number;
}

/** The packets that a source has gathered since it was last flushed. */
export class StagedPackets {
  readonly #packets: StagedPacket[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  at(index: number): StagedPacket | undefined {
    return index < this.#count ? this.#packets[index] : undefined;
  }

  /**
   * @param arena where the packet was copied to
   * @param offset of the copy
   */
  add(layer: SourceLayer, packet: RtpPacket, arena: Buffer, offset: number, codec: Codec, keyframe: boolean): void {
    const { sequence } = layer;
    const { temporalLayer, switchingPoint, switchesUpTo } = layer.mark;
    const staged = (this.#packets[this.#count] ??= { layer, view: new RtpPacket(), sequence, payloadOffset: 0, codec, keyframe, temporalLayer, switchingPoint, switchesUpTo });
    staged.layer = layer;
    staged.view.follow(packet, arena.subarray(offset, offset + packet.payloadEnd));
    staged.sequence = sequence;
    staged.payloadOffset = offset + packet.payloadOffset;
    staged.codec = codec;
    staged.keyframe = keyframe;
    staged.temporalLayer = temporalLayer;
    staged.switchingPoint = switchingPoint;
    staged.switchesUpTo = switchesUpTo;
    this.#count++;
  }

  clear(): void {
    this.#count = 0;
  }
}
