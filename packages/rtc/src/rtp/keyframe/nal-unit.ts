/**
 * A NAL unit without its emulation prevention bytes (H.264 section 7.4.1, H.265 section 7.4.2):
 * the 3 in every 0, 0, 3.
 */
export function withoutEmulationPrevention(packet: Buffer, offset: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - offset);
  let length = 0;
  let zeros = 0;
  for (let at = offset; at < end; at++) {
    const byte = packet.readUInt8(at);
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}

/**
 * Finds a NAL unit in an aggregation packet (RFC 6184 section 5.7.1, RFC 7798 section 4.4.2).
 * @param offset of the first length field
 * @param accepts is asked with the first byte of each unit
 * @returns the bounds of the first unit that is accepted
 */
export function findAggregatedUnit(
  packet: Buffer,
  offset: number,
  end: number,
  accepts: (firstByte: number) => boolean,
): { readonly offset: number; readonly end: number } | undefined {
  let at = offset;
  while (at + 2 < end) {
    const unit = at + 2;
    const unitEnd = unit + packet.readUInt16BE(at);
    if (unitEnd > end) return undefined;
    if (unitEnd > unit && accepts(packet.readUInt8(unit))) return { offset: unit, end: unitEnd };
    at = unitEnd;
  }
  return undefined;
}
