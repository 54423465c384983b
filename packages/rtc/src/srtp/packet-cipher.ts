import type { SrtpProfile } from './profiles.ts';

/** Sequence numbers of one rollover. */
export const SEQUENCE_NUMBERS = 0x1_0000;
/** RTCP header up to the sender's SSRC, which stays readable (RFC 3711 section 3.4). */
export const RTCP_HEADER_BYTES = 8;
/** E flag and 31-bit index behind an SRTCP packet. */
export const SRTCP_INDEX_BYTES = 4;
/** The E flag: the packet is encrypted. */
export const SRTCP_ENCRYPTED = 0x8000_0000;

/**
 * What a profile does to one packet whose index is known. It keeps no state of
 * streams, so rollovers and replays are its caller's business. Packets are not
 * changed; results are new buffers.
 */
export interface PacketCipher {
  /** @param headerBytes length of the RTP header, see rtpHeaderBytes */
  protectRtp(packet: Buffer, headerBytes: number, rolloverCounter: number): Buffer;
  /** @returns undefined when the packet is too short or not authentic */
  unprotectRtp(packet: Buffer, headerBytes: number, rolloverCounter: number): Buffer | undefined;
  /** Encrypts; we never send SRTCP in the clear. */
  protectRtcp(packet: Buffer, index: number): Buffer;
  /** E flag and index; undefined when the packet is too short for them. */
  srtcpIndexWord(packet: Buffer): number | undefined;
  /**
   * @param indexWord of this packet, see {@link srtcpIndexWord}
   * @returns undefined when the packet is not authentic
   */
  unprotectRtcp(packet: Buffer, indexWord: number): Buffer | undefined;
  /** Frees what it holds; nothing else may be called afterwards. Idempotent. */
  close(): void;
}

/**
 * Makes the cipher of one direction.
 * @throws MediaError INTERNAL when key or salt are not as long as the profile demands
 */
export type CreatePacketCipher = (profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer) => PacketCipher;

/** XORs a 32-bit number into `bytes`, most significant byte first. */
export function xorUint32(bytes: Buffer, value: number, offset: number): void {
  bytes.writeUInt32BE((bytes.readUInt32BE(offset) ^ value) >>> 0, offset);
}
