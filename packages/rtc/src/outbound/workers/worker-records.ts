import type { SrtpProfile } from '../../srtp/profiles.ts';
import type { OutboundPacket } from '../outbound.ts';

/** What a record is; its first word. */
export const RECORD = { order: 1, payload: 2, packet: 3, flush: 4 } as const;

/** Something about contexts and destinations. Their numbers are given out once, so that an order never meets another one's. */
export type WorkerOrder =
  | { readonly open: 'context'; readonly id: number; readonly profile: SrtpProfile; readonly key: string; readonly salt: string }
  | { readonly open: 'destination'; readonly id: number; readonly address: string; readonly port: number; readonly localAddress?: string | undefined }
  | { readonly close: 'context' | 'destination'; readonly id: number };

/** Type, offset in the arena, length; the payload follows. It is for all packets that name its offset until the next flush. */
export const PAYLOAD_HEADER_BYTES = 12;

/** Type, the numbers of {@link OutboundPacket}, and where the payload stands; the header follows, and then maybe the payload. */
export const PACKET_HEADER_BYTES = 32;

const SHARED = 0;
const INLINE = 1;

/** A packet as the worker reads it. */
export interface WorkerPacket extends OutboundPacket {
  /** Whether the payload follows the header; otherwise it came before, under `payloadOffset`. */
  inline: boolean;
}

/** @param inline whether the payload follows the header in the record */
export function writePacketRecord(bytes: Buffer, at: number, packet: OutboundPacket, inline: boolean): void {
  bytes.writeUInt32LE(RECORD.packet, at);
  bytes.writeUInt32LE(packet.headerBytes, at + 4);
  bytes.writeUInt32LE(packet.payloadOffset, at + 8);
  bytes.writeUInt32LE(packet.payloadBytes, at + 12);
  bytes.writeUInt32LE(packet.rolloverCounter, at + 16);
  bytes.writeUInt32LE(packet.contextId, at + 20);
  bytes.writeUInt32LE(packet.destinationId, at + 24);
  bytes.writeUInt32LE(inline ? INLINE : SHARED, at + 28);
}

/** Fills `packet`. */
export function readPacketRecord(bytes: Buffer, at: number, packet: WorkerPacket): void {
  packet.headerBytes = bytes.readUInt32LE(at + 4);
  packet.payloadOffset = bytes.readUInt32LE(at + 8);
  packet.payloadBytes = bytes.readUInt32LE(at + 12);
  packet.rolloverCounter = bytes.readUInt32LE(at + 16);
  packet.contextId = bytes.readUInt32LE(at + 20);
  packet.destinationId = bytes.readUInt32LE(at + 24);
  packet.inline = bytes.readUInt32LE(at + 28) === INLINE;
}
