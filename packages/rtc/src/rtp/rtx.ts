import type { RtpPacket } from './rtp-packet.ts';

/** The original sequence number that begins an RTX payload (RFC 4588 section 4). */
export const RTX_HEADER_LENGTH = 2;

/**
 * Turns a retransmission (RFC 4588 section 4) into the packet that was lost, in the buffer
 * itself and in the view: sequence number, SSRC, payload type and payload are the original's.
 * @returns false for a packet without payload, which only probes the bandwidth; it is left as it is
 */
export function unwrapRtx(packet: RtpPacket, originalSsrc: number, originalPayloadType: number): boolean {
  if (packet.payloadLength < RTX_HEADER_LENGTH) return false;
  const sequenceNumber = packet.buffer.readUInt16BE(packet.payloadOffset);
  // The header moves up over the original sequence number, so that the payload follows it.
  packet.buffer.copyWithin(RTX_HEADER_LENGTH, 0, packet.payloadOffset);
  const original = packet.buffer.subarray(RTX_HEADER_LENGTH);
  original.writeUInt8((packet.marker ? 0x80 : 0) | originalPayloadType, 1);
  original.writeUInt16BE(sequenceNumber, 2);
  original.writeUInt32BE(originalSsrc, 8);
  return packet.parse(original);
}

/**
 * Writes the payload of a retransmission to `target` at `at`, behind its RTP header.
 * @param source holds the original payload from `offset` to `end`
 * @returns the position behind the payload
 * @throws RangeError when `target` is too short
 */
export function writeRtxPayload(
  target: Buffer,
  at: number,
  originalSequenceNumber: number,
  source: Buffer,
  offset: number,
  end: number,
): number {
  const payloadAt = target.writeUInt16BE(originalSequenceNumber & 0xffff, at);
  if (payloadAt + end - offset > target.length) {
    throw new RangeError(`An RTX payload of ${end - offset} bytes does not fit a buffer of ${target.length}.`);
  }
  return payloadAt + source.copy(target, payloadAt, offset, end);
}
