const FIXED_HEADER_BYTES = 12;

/**
 * Length of the RTP header with CSRCs and extension (RFC 3550 section 5.1);
 * undefined when the packet is no RTP of version 2 or ends before its header does.
 */
export function rtpHeaderBytes(packet: Buffer): number | undefined {
  const first = packet[0];
  if (first === undefined || first >> 6 !== 2) return undefined;
  const withCsrcs = FIXED_HEADER_BYTES + 4 * (first & 0x0f);
  const hasExtension = (first & 0x10) !== 0;
  if (!hasExtension) return withCsrcs <= packet.length ? withCsrcs : undefined;
  if (withCsrcs + 4 > packet.length) return undefined;
  const withExtension = withCsrcs + 4 + 4 * packet.readUInt16BE(withCsrcs + 2);
  return withExtension <= packet.length ? withExtension : undefined;
}
