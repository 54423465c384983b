import { crc32 } from 'node:zlib';
import type { IceCredentials, RemoteAddress } from '@sluice/core';
import { addressBytes } from './address-bytes.ts';
import {
  ATTRIBUTE_HEADER_BYTES,
  FINGERPRINT_BYTES,
  FINGERPRINT_XOR,
  HEADER_BYTES,
  INTEGRITY_BYTES,
  MAGIC_COOKIE,
  STUN_ATTRIBUTES,
  STUN_TYPES,
  paddedLength,
} from './stun-constants.ts';
import { messageIntegrity } from './stun-message.ts';

const FAMILY_IPV4 = 1;
const FAMILY_IPV6 = 2;
/** Of component 1 (RFC 8445 sections 5.1.2.1 and 7.1.1). */
const PEER_REFLEXIVE_PRIORITY = 110 * 2 ** 24 + 65_535 * 2 ** 8 + 255;

/** One attribute: type and value. */
export type StunAttribute = readonly [type: number, value: Buffer];

/** What {@link encodeStunMessage} takes. */
export interface StunContent {
  readonly type: number;
  /** 12 bytes. */
  readonly transactionId: Buffer;
  readonly attributes: readonly StunAttribute[];
  /** Key of MESSAGE-INTEGRITY; without it the message has none. */
  readonly password: string | undefined;
}

/** A STUN message that ends with MESSAGE-INTEGRITY, when there is a key, and FINGERPRINT. */
export function encodeStunMessage(content: StunContent): Buffer {
  const integrityOffset = content.attributes.reduce((offset, [, value]) => offset + attributeBytes(value.length), HEADER_BYTES);
  const { password } = content;
  const fingerprintOffset = integrityOffset + (password === undefined ? 0 : attributeBytes(INTEGRITY_BYTES));
  const message = Buffer.alloc(fingerprintOffset + attributeBytes(FINGERPRINT_BYTES));

  message.writeUInt16BE(content.type, 0);
  message.writeUInt16BE(message.length - HEADER_BYTES, 2);
  message.writeUInt32BE(MAGIC_COOKIE, 4);
  content.transactionId.copy(message, 8);
  let offset = HEADER_BYTES;
  for (const attribute of content.attributes) offset = writeAttribute(message, offset, attribute);

  if (password !== undefined) {
    writeAttribute(message, integrityOffset, [STUN_ATTRIBUTES.messageIntegrity, messageIntegrity(message.subarray(0, integrityOffset), password)]);
  }
  const fingerprint = Buffer.alloc(FINGERPRINT_BYTES);
  fingerprint.writeUInt32BE((crc32(message.subarray(0, fingerprintOffset)) ^ FINGERPRINT_XOR) >>> 0);
  writeAttribute(message, fingerprintOffset, [STUN_ATTRIBUTES.fingerprint, fingerprint]);
  return message;
}

/** Who asks whom, in {@link encodeBindingRequest}. */
export interface CheckCredentials {
  readonly local: IceCredentials;
  readonly remote: IceCredentials;
  /** 8 bytes (RFC 8445 section 7.1.3). */
  readonly tieBreaker: Buffer;
  /** Whether we are the controlling side. Default false. */
  readonly controlling?: boolean | undefined;
  /** Of the controlling side: the peer is to send here from now on. Default false. */
  readonly nominates?: boolean | undefined;
}

/** A connectivity check (RFC 8445 section 7.2.2). */
export function encodeBindingRequest(transactionId: Buffer, { local, remote, tieBreaker, controlling, nominates }: CheckCredentials): Buffer {
  const priority = Buffer.alloc(4);
  priority.writeUInt32BE(PEER_REFLEXIVE_PRIORITY);
  const attributes: StunAttribute[] = [
    [STUN_ATTRIBUTES.username, Buffer.from(`${remote.usernameFragment}:${local.usernameFragment}`)],
    [STUN_ATTRIBUTES.priority, priority],
    [controlling ? STUN_ATTRIBUTES.iceControlling : STUN_ATTRIBUTES.iceControlled, tieBreaker],
  ];
  if (nominates) attributes.push([STUN_ATTRIBUTES.useCandidate, Buffer.alloc(0)]);
  return encodeStunMessage({ type: STUN_TYPES.bindingRequest, transactionId, attributes, password: remote.password });
}

/** Success answer that tells the peer the address it was seen with. */
export function encodeBindingSuccess(transactionId: Buffer, mapped: RemoteAddress, password: string): Buffer {
  const attributes: StunAttribute[] = [[STUN_ATTRIBUTES.xorMappedAddress, xorAddress(mapped, transactionId)]];
  return encodeStunMessage({ type: STUN_TYPES.bindingSuccess, transactionId, attributes, password });
}

/**
 * Error answer with an empty reason phrase, which keeps it smaller than any request (RFC 8489 section 14.8).
 * @param password undefined for a request without valid credentials, whose answer must have no MESSAGE-INTEGRITY
 * @param notUnderstood what UNKNOWN-ATTRIBUTES lists; for code 420 only
 */
export function encodeBindingError(transactionId: Buffer, code: number, password?: string, notUnderstood: readonly number[] = []): Buffer {
  const attributes: StunAttribute[] = [[STUN_ATTRIBUTES.errorCode, Buffer.from([0, 0, Math.floor(code / 100), code % 100])]];
  if (notUnderstood.length > 0) attributes.push([STUN_ATTRIBUTES.unknownAttributes, attributeTypes(notUnderstood)]);
  return encodeStunMessage({ type: STUN_TYPES.bindingError, transactionId, attributes, password });
}

function attributeBytes(valueBytes: number): number {
  return ATTRIBUTE_HEADER_BYTES + paddedLength(valueBytes);
}

/** @returns the offset behind the attribute and its padding */
function writeAttribute(message: Buffer, offset: number, [type, value]: StunAttribute): number {
  message.writeUInt16BE(type, offset);
  message.writeUInt16BE(value.length, offset + 2);
  value.copy(message, offset + ATTRIBUTE_HEADER_BYTES);
  return offset + attributeBytes(value.length);
}

function attributeTypes(types: readonly number[]): Buffer {
  const value = Buffer.alloc(types.length * 2);
  for (const [index, type] of types.entries()) value.writeUInt16BE(type, index * 2);
  return value;
}

/** Port and address XORed with cookie and transaction id (RFC 8489 section 14.2). */
function xorAddress({ address, port }: RemoteAddress, transactionId: Buffer): Buffer {
  const bytes = addressBytes(address);
  const mask = Buffer.alloc(16);
  mask.writeUInt32BE(MAGIC_COOKIE, 0);
  transactionId.copy(mask, 4);

  const value = Buffer.alloc(4 + bytes.length);
  value[1] = bytes.length === 4 ? FAMILY_IPV4 : FAMILY_IPV6;
  value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
  for (const [index, byte] of bytes.entries()) value[4 + index] = byte ^ (mask[index] ?? 0);
  return value;
}
