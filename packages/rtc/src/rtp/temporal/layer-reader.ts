import type { RtpPacket } from '../rtp-packet.ts';
import { readAv1Layers } from './av1-layers.ts';
import { DependencyDescriptorReader } from './dependency-descriptor.ts';
import { LayerMark } from './layer-mark.ts';
import { readVp8Layers } from './vp8-layers.ts';
import { readVp9Layers } from './vp9-layers.ts';

/** Says of one stream's packets, one after another, which layers they belong to. Reading a packet allocates nothing. */
export class LayerReader {
  /** Of the packet read last. */
  readonly mark = new LayerMark();
  readonly #codecName: string;
  readonly #descriptorId: number;
  readonly #descriptors: DependencyDescriptorReader | undefined;
  /** All OBUs of one temporal unit, which is one timestamp, have the same temporal layer (AV1 section 7.5). */
  #unitTimestamp = -1;
  #unitTemporalLayer = 0;

  /**
   * @param codecName encoding name, in any case
   * @param descriptorId of the dependency descriptor extension, 0 = not negotiated
   */
  constructor(codecName: string, descriptorId: number) {
    this.#codecName = codecName.toUpperCase();
    this.#descriptorId = descriptorId;
    this.#descriptors = descriptorId === 0 ? undefined : new DependencyDescriptorReader();
  }

  /** Reads into {@link mark}. @returns whether the packet says its temporal layer */
  read(packet: RtpPacket): boolean {
    const { mark } = this;
    const { buffer, payloadOffset, payloadEnd, marker } = packet;
    if (this.#readDescriptor(packet)) return true;
    if (this.#codecName === 'VP8') return readVp8Layers(mark, buffer, payloadOffset, payloadEnd, marker) && mark.marked;
    if (this.#codecName === 'VP9') return readVp9Layers(mark, buffer, payloadOffset, payloadEnd) && mark.marked;
    if (this.#codecName === 'AV1') return this.#readAv1(packet);
    mark.reset();
    return false;
  }

  #readDescriptor(packet: RtpPacket): boolean {
    if (!this.#descriptors || !packet.findExtension(this.#descriptorId)) return false;
    const { buffer, extensionOffset, extensionLength } = packet;
    return this.#descriptors.read(this.mark, buffer, extensionOffset, extensionOffset + extensionLength);
  }

  #readAv1(packet: RtpPacket): boolean {
    const { mark } = this;
    if (!readAv1Layers(mark, packet.buffer, packet.payloadOffset, packet.payloadEnd, packet.marker)) return false;
    if (mark.marked) {
      this.#unitTimestamp = packet.timestamp;
      this.#unitTemporalLayer = mark.temporalLayer;
      return true;
    }
    if (packet.timestamp !== this.#unitTimestamp) return false;
    mark.marked = true;
    mark.temporalLayer = this.#unitTemporalLayer;
    return true;
  }
}
