/** Handshake types of RFC 5246 section 7.4 and RFC 6347 section 4.3.2 that Sluice takes part in. */
export const HANDSHAKE_TYPE = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

const TYPE_NAMES = new Map<number, string>(Object.entries(HANDSHAKE_TYPE).map(([name, type]) => [type, name]));

/** Bytes before the body of a handshake message: type, length, message_seq, fragment offset and length. */
export const HANDSHAKE_HEADER_LENGTH = 12;

/** A whole handshake message. */
export interface HandshakeMessage {
  readonly type: number;
  /** message_seq of RFC 6347 section 4.2.2. */
  readonly sequence: number;
  readonly body: Buffer;
}

/** The type's name as the RFCs have it, for log lines and reasons. */
export function handshakeTypeName(type: number): string {
  return TYPE_NAMES.get(type) ?? `handshake type ${type}`;
}

/** The message with its header, as if it had never been in fragments (RFC 6347 section 4.2.6). */
export function serializeHandshake({ type, sequence, body }: HandshakeMessage): Buffer {
  const bytes = Buffer.alloc(HANDSHAKE_HEADER_LENGTH + body.length);
  bytes.writeUInt8(type, 0);
  bytes.writeUIntBE(body.length, 1, 3);
  bytes.writeUInt16BE(sequence, 4);
  bytes.writeUIntBE(body.length, 9, 3);
  body.copy(bytes, HANDSHAKE_HEADER_LENGTH);
  return bytes;
}
