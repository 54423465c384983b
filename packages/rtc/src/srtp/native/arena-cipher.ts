/**
 * What a profile does to one packet that stands in the arena; {@link PacketCipher} does the same to a buffer.
 * Offsets are of the arena. Methods throw MediaError INTERNAL for bytes outside of it.
 */
export interface ArenaCipher {
  /**
   * Writes encrypted payload and tag behind the header at `packet`.
   * @param payload right behind the header, or apart from the packet
   * @returns length of the sealed packet
   */
  sealRtp(packet: number, headerBytes: number, payload: number, payloadBytes: number, rolloverCounter: number): number;
  /**
   * Decrypts in place, and needs 4 bytes of room behind the packet.
   * @param bytes length with the tag
   * @returns length of the packet, -1 when it is too short or not authentic; its bytes are of no use then
   */
  openRtp(packet: number, headerBytes: number, bytes: number, rolloverCounter: number): number;
  /** Encrypts in place. @returns length of the sealed packet */
  sealRtcp(packet: number, bytes: number, index: number): number;
  /** Decrypts in place what is at least header, tag and index word long. @returns as {@link openRtp} */
  openRtcp(packet: number, bytes: number, indexWord: number): number;
  /** Bytes behind the index word of SRTCP, and around it in all. */
  readonly rtcpTrailer: { readonly behindIndex: number; readonly bytes: number };
  /** Idempotent; nothing else may be called afterwards. */
  free(): void;
}
