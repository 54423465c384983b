/** The length of a redundant block's header; that of the last block, the primary, is one byte (RFC 2198 section 3). */
const BLOCK_HEADER_LENGTH = 4;
const MORE_BLOCKS = 0x80;
const BLOCK_LENGTH = 0x03ff;

/** Where the primary encoding begins in a RED payload (RFC 2198), which it ends with; -1 when the payload is malformed. */
export function redPrimaryOffset(packet: Buffer, offset: number, end: number): number {
  let redundantBytes = 0;
  for (let at = offset; at < end; at += BLOCK_HEADER_LENGTH) {
    if ((packet.readUInt8(at) & MORE_BLOCKS) === 0) return at + 1 + redundantBytes <= end ? at + 1 + redundantBytes : -1;
    if (at + BLOCK_HEADER_LENGTH > end) return -1;
    redundantBytes += packet.readUInt16BE(at + 2) & BLOCK_LENGTH;
  }
  return -1;
}
