import type { RtpPacket } from './rtp-packet.ts';

/** The original sequence number that begins an RTX payload (RFC 4588 section 4). */
export const RTX_HEADER_LENGTH = 2;

/**
 * Makes the view of a retransmission (RFC 4588 section 4) read as the packet that was lost:
 * sequence number, SSRC, payload type and payload are the original's.
 * @returns false for a packet without payload, which only probes the bandwidth; it is left as it is
 */
export function unwrapRtx(packet: RtpPacket, originalSsrc: number, originalPayloadType: number): boolean {
  if (packet.payloadLength < RTX_HEADER_LENGTH) return false;
  packet.sequenceNumber = packet.buffer.readUInt16BE(packet.payloadOffset);
  packet.payloadOffset += RTX_HEADER_LENGTH;
  packet.ssrc = originalSsrc;
  packet.payloadType = originalPayloadType;
  return true;
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
