/** Payload protocol identifiers (RFC 8831 section 8). */
export const PAYLOAD_PROTOCOL = { dcep: 50, string: 51, binary: 53, stringEmpty: 56, binaryEmpty: 57 } as const;

const DATA_CHANNEL_OPEN = 0x03;
const RELIABLE_ORDERED = 0x00;
/** "Normal" of RFC 8831 section 6.4. */
const NORMAL_PRIORITY = 256;
const OPEN_HEADER_LENGTH = 12;

/** DATA_CHANNEL_OPEN of RFC 8832 section 5.1 for a reliable, ordered channel without a subprotocol. */
export function serializeOpen(label: string): Buffer {
  const labelBytes = Buffer.from(label);
  const header = Buffer.alloc(OPEN_HEADER_LENGTH);
  header.writeUInt8(DATA_CHANNEL_OPEN, 0);
  header.writeUInt8(RELIABLE_ORDERED, 1);
  header.writeUInt16BE(NORMAL_PRIORITY, 2);
  header.writeUInt16BE(labelBytes.length, 8);
  return Buffer.concat([header, labelBytes]);
}

/** Whether a message asks for a new channel. */
export function isOpen(payloadProtocol: number, message: Buffer): boolean {
  return payloadProtocol === PAYLOAD_PROTOCOL.dcep && message[0] === DATA_CHANNEL_OPEN;
}
