import { HEADER_EXTENSIONS } from '@sluice/core';
import { ownCopy } from '../own-copy.ts';
import { MAX_PACKET_BYTES } from '../outbound/packet-batch.ts';
import type { RtpOutlet } from '../outbound/rtp-outlet.ts';
import { HeaderExtensionList, writeRtpHeader } from '../rtp/rtp-header.ts';
import { RTP_FIXED_HEADER_LENGTH, type RtpPacket } from '../rtp/rtp-packet.ts';
import { RTX_HEADER_LENGTH, writeRtxPayload } from '../rtp/rtx.ts';
import { SendStamps } from './send-stamps.ts';
import type { NumberedExtension } from './source-layer.ts';

/** These describe one hop (RFC 8843 section 15, RFC 8852, transport-wide-cc); a viewer's differ from the publisher's. */
const HOP_BY_HOP_EXTENSIONS: ReadonlySet<string> = new Set([
  HEADER_EXTENSIONS.mid,
  HEADER_EXTENSIONS.rid,
  HEADER_EXTENSIONS.repairedRid,
  HEADER_EXTENSIONS.transportWideCc,
  HEADER_EXTENSIONS.absSendTime,
]);

/** The numbers a packet is sent under; made once per track and rewritten for each packet. */
export interface OutboundHeader {
  marker: boolean;
  payloadType: number;
  sequenceNumber: number;
  timestamp: number;
  ssrc: number;
}

/** A VP8 picture id of 15 bits that one viewer sees instead of the source's. */
export interface PicturePatch {
  /** Where it stands in the source's packet. */
  offset: number;
  pictureId: number;
}

/** What became of a packet. */
export type Written = 'sent' | 'tooLarge' | 'notSent';

/** Writes a source's packets as one viewer's: new header, mapped extensions, same payload. */
export class PacketWriter {
  readonly #outlet: RtpOutlet;
  readonly #extensions = new HeaderExtensionList();
  /** Index = the source's extension id, value = the viewer's; 0 = not passed on. */
  readonly #extensionIds = new Uint8Array(256);
  #sourceExtensions: readonly NumberedExtension[] = [];
  readonly #viewerIdByUri: ReadonlyMap<string, number>;
  readonly #midId: number;
  readonly #mid: Buffer;
  readonly #stamps: SendStamps;

  constructor(outlet: RtpOutlet, mid: string, extensions: readonly NumberedExtension[], stamps = new SendStamps()) {
    this.#outlet = outlet;
    this.#viewerIdByUri = new Map(extensions.map(({ id, uri }) => [uri, id]));
    this.#midId = this.#viewerIdByUri.get(HEADER_EXTENSIONS.mid) ?? 0;
    this.#mid = ownCopy(Buffer.from(mid));
    this.#stamps = stamps;
  }

  /** Learns the numbering of the source whose packets come next. */
  mapExtensions(sourceExtensions: readonly NumberedExtension[]): void {
    if (sourceExtensions === this.#sourceExtensions) return;
    this.#sourceExtensions = sourceExtensions;
    this.#extensionIds.fill(0);
    for (const { id, uri } of sourceExtensions) {
      if (HOP_BY_HOP_EXTENSIONS.has(uri)) continue;
      this.#extensionIds[id] = this.#viewerIdByUri.get(uri) ?? 0;
    }
  }

  /**
   * Sends a packet.
   * @param payloadOffset where its payload stands for all viewers; undefined when it has to be copied for this one
   * @param patch of a payload that is copied
   */
  send(header: OutboundHeader, packet: RtpPacket, now: number, payloadOffset?: number, patch?: PicturePatch): Written {
    const outlet = this.#outlet;
    const headerBytes = this.#prepareHeader(packet);
    if (headerBytes + packet.payloadLength > MAX_PACKET_BYTES) return 'tooLarge';
    const at = outlet.reserve();
    if (at < 0) return 'notSent';
    this.#stamps.stamp(headerBytes + packet.payloadLength, now);
    writeRtpHeader(outlet.bytes, header, this.#extensions, at);
    if (payloadOffset === undefined) packet.buffer.copy(outlet.bytes, at + headerBytes, packet.payloadOffset, packet.payloadEnd);
    if (patch) writePictureId(outlet.bytes, at + headerBytes + patch.offset - packet.payloadOffset, patch.pictureId);
    outlet.send(headerBytes, payloadOffset ?? at + headerBytes, packet.payloadLength, header.ssrc, header.sequenceNumber);
    return 'sent';
  }

  /** Sends a retransmission (RFC 4588 section 4) of a packet that was sent as `originalSequenceNumber`. */
  sendRetransmission(header: OutboundHeader, originalSequenceNumber: number, packet: RtpPacket, now: number, patch?: PicturePatch): Written {
    const outlet = this.#outlet;
    const headerBytes = this.#prepareHeader(packet);
    const payloadBytes = RTX_HEADER_LENGTH + packet.payloadLength;
    if (headerBytes + payloadBytes > MAX_PACKET_BYTES) return 'tooLarge';
    const at = outlet.reserve();
    if (at < 0) return 'notSent';
    this.#stamps.stampRetransmission(headerBytes + payloadBytes, now);
    writeRtpHeader(outlet.bytes, header, this.#extensions, at);
    const { buffer, payloadOffset, payloadEnd } = packet;
    writeRtxPayload(outlet.bytes, at + headerBytes, originalSequenceNumber, buffer, payloadOffset, payloadEnd);
    if (patch) writePictureId(outlet.bytes, at + headerBytes + RTX_HEADER_LENGTH + patch.offset - payloadOffset, patch.pictureId);
    outlet.send(headerBytes, at + headerBytes, payloadBytes, header.ssrc, header.sequenceNumber);
    return 'sent';
  }

  /** Chooses the extensions. @returns the length of the header */
  #prepareHeader(packet: RtpPacket): number {
    const extensions = this.#extensions;
    extensions.clear();
    if (this.#midId !== 0) extensions.add(this.#midId, this.#mid);
    this.#stamps.addTo(extensions);
    packet.rewindExtensions();
    while (packet.nextExtension()) {
      const id = this.#extensionIds[packet.extensionId] ?? 0;
      if (id !== 0) extensions.add(id, packet.buffer, packet.extensionOffset, packet.extensionLength);
    }
    return RTP_FIXED_HEADER_LENGTH + extensions.byteLength;
  }
}

/** With the M bit of an id of 15 bits. */
function writePictureId(bytes: Buffer, offset: number, pictureId: number): void {
  bytes.writeUInt16BE(0x8000 | pictureId, offset);
}
