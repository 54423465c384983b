/** Takes the RTP packets that go to one peer. */
export interface RtpOutlet {
  /** The memory in which {@link reserve} gives room. */
  readonly bytes: Buffer;
  /**
   * Where the next packet is to be written: its header, and behind it a payload that is this peer's alone.
   * @returns an offset into {@link bytes} with room for MAX_PACKET_BYTES; -1 when nothing can be sent now
   */
  reserve(): number;
  /**
   * Sends the packet whose header stands where {@link reserve} said.
   * @param payloadOffset of the plaintext in {@link bytes}, which stays as it is until the next flush
   * @param ssrc of the header, as is `sequenceNumber`
   */
  send(headerBytes: number, payloadOffset: number, payloadBytes: number, ssrc: number, sequenceNumber: number): void;
}
