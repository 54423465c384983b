import { CONTENT_TYPE, DTLS_1_2, serializeRecord } from './record.ts';

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

/** A whole handshake message of the peer. */
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

/** One unfragmented message in one plaintext record. */
export function serializeHandshake(message: HandshakeMessage): Buffer {
  const header = Buffer.alloc(HANDSHAKE_HEADER_LENGTH);
  header.writeUInt8(message.type, 0);
  header.writeUIntBE(message.body.length, 1, 3);
  header.writeUInt16BE(message.sequence, 4);
  header.writeUIntBE(0, 6, 3);
  header.writeUIntBE(message.body.length, 9, 3);
  return serializeRecord({
    contentType: CONTENT_TYPE.handshake,
    version: DTLS_1_2,
    epoch: 0,
    sequence: 0,
    fragment: Buffer.concat([header, message.body]),
  });
}
