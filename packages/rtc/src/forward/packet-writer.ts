import { HEADER_EXTENSIONS } from '@sluice/core';
import { HeaderExtensionList, writeRtpHeader } from '../rtp/rtp-header.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { writeRtxPayload } from '../rtp/rtx.ts';
import type { NumberedExtension } from './media-source.ts';

/** A received packet is at most an MTU long; the rest is room for the viewer's own extensions. */
const MAX_PACKET_BYTES = 2048;

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

/** Writes a source's packets as one viewer's: new header, mapped extensions, same payload. */
export class PacketWriter {
  readonly #target = Buffer.alloc(MAX_PACKET_BYTES);
  readonly #extensions = new HeaderExtensionList();
  /** Index = the source's extension id, value = the viewer's; 0 = not passed on. */
  readonly #extensionIds = new Uint8Array(256);
  readonly #viewerIdByUri: ReadonlyMap<string, number>;
  readonly #midId: number;
  readonly #mid: Buffer;

  constructor(mid: string, extensions: readonly NumberedExtension[]) {
    this.#viewerIdByUri = new Map(extensions.map(({ id, uri }) => [uri, id]));
    this.#midId = this.#viewerIdByUri.get(HEADER_EXTENSIONS.mid) ?? 0;
    this.#mid = Buffer.from(mid);
  }

  /** Learns the numbering of the source whose packets come next. */
  mapExtensions(sourceExtensions: readonly NumberedExtension[]): void {
    this.#extensionIds.fill(0);
    for (const { id, uri } of sourceExtensions) {
      if (HOP_BY_HOP_EXTENSIONS.has(uri)) continue;
      this.#extensionIds[id] = this.#viewerIdByUri.get(uri) ?? 0;
    }
  }

  /** @returns a view that holds until the next packet is written; undefined when the packet is too large */
  write(header: OutboundHeader, packet: RtpPacket): Buffer | undefined {
    const start = this.#writeHeader(header, packet);
    const end = start + packet.payloadLength;
    if (end > MAX_PACKET_BYTES) return undefined;
    packet.buffer.copy(this.#target, start, packet.payloadOffset, packet.payloadEnd);
    return this.#target.subarray(0, end);
  }

  /** Writes a retransmission (RFC 4588 section 4) of a packet that was sent as `originalSequenceNumber`. */
  writeRetransmission(header: OutboundHeader, originalSequenceNumber: number, packet: RtpPacket): Buffer | undefined {
    const start = this.#writeHeader(header, packet);
    if (start + packet.payloadLength + 2 > MAX_PACKET_BYTES) return undefined;
    const { buffer, payloadOffset, payloadEnd } = packet;
    const end = writeRtxPayload(this.#target, start, originalSequenceNumber, buffer, payloadOffset, payloadEnd);
    return this.#target.subarray(0, end);
  }

  #writeHeader(header: OutboundHeader, packet: RtpPacket): number {
    const extensions = this.#extensions;
    extensions.clear();
    if (this.#midId !== 0) extensions.add(this.#midId, this.#mid);
    packet.rewindExtensions();
    while (packet.nextExtension()) {
      const id = this.#extensionIds[packet.extensionId] ?? 0;
      if (id !== 0) extensions.add(id, packet.buffer, packet.extensionOffset, packet.extensionLength);
    }
    return writeRtpHeader(this.#target, header, extensions);
  }
}
