import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  ATTRIBUTE_HEADER_BYTES,
  COMPREHENSION_OPTIONAL,
  FINGERPRINT_BYTES,
  FINGERPRINT_XOR,
  HEADER_BYTES,
  INTEGRITY_BYTES,
  MAGIC_COOKIE,
  STUN_ATTRIBUTES,
  STUN_TYPES,
  paddedLength,
} from './stun-constants.ts';

const UNDERSTOOD = new Set<number>([
  STUN_ATTRIBUTES.username,
  STUN_ATTRIBUTES.messageIntegrity,
  STUN_ATTRIBUTES.priority,
  STUN_ATTRIBUTES.useCandidate,
]);

interface Attributes {
  readonly values: ReadonlyMap<number, Buffer>;
  readonly notUnderstood: readonly number[];
  readonly integrityOffset: number | undefined;
  readonly fingerprintOffset: number | undefined;
}

/** A well-formed STUN message (RFC 8489). Nothing in it is true before {@link verifyIntegrity}. */
export class StunMessage {
  /** Method and class together, see STUN_TYPES. */
  readonly type: number;
  /** 12 bytes. */
  readonly transactionId: Buffer;
  readonly byteLength: number;
  readonly #datagram: Buffer;
  readonly #attributes: Attributes;

  constructor(datagram: Buffer, attributes: Attributes) {
    this.type = datagram.readUInt16BE(0);
    this.transactionId = datagram.subarray(8, HEADER_BYTES);
    this.byteLength = datagram.length;
    this.#datagram = datagram;
    this.#attributes = attributes;
  }

  get isBindingRequest(): boolean {
    return this.type === STUN_TYPES.bindingRequest;
  }

  get isAnswer(): boolean {
    return this.type === STUN_TYPES.bindingSuccess || this.type === STUN_TYPES.bindingError;
  }

  /** Whether there is a MESSAGE-INTEGRITY, be it right or wrong. */
  get hasIntegrity(): boolean {
    return this.#attributes.integrityOffset !== undefined;
  }

  /** USERNAME, in ICE `<our fragment>:<the peer's fragment>` (RFC 8445 section 7.2.2). */
  get username(): string | undefined {
    // ICE fragments are ASCII; any other byte only has to match no fragment.
    return this.attribute(STUN_ATTRIBUTES.username)?.toString('latin1');
  }

  /** The part of USERNAME that names the receiver's session. */
  get localUsernameFragment(): string | undefined {
    const username = this.username;
    const colon = username?.indexOf(':') ?? -1;
    return colon > 0 ? username?.slice(0, colon) : undefined;
  }

  /** Comprehension-required attributes that ICE does not know; a request with one is refused. */
  get notUnderstood(): readonly number[] {
    return this.#attributes.notUnderstood;
  }

  has(type: number): boolean {
    return this.#attributes.values.has(type);
  }

  /** Value of the first attribute of a type; later ones do not count (RFC 8489 section 14). */
  attribute(type: number): Buffer | undefined {
    return this.#attributes.values.get(type);
  }

  /** False also when there is no FINGERPRINT, which ICE demands (RFC 8445 section 7.1). */
  verifyFingerprint(): boolean {
    const offset = this.#attributes.fingerprintOffset;
    if (offset === undefined) return false;
    const expected = (crc32(this.#datagram.subarray(0, offset)) ^ FINGERPRINT_XOR) >>> 0;
    return this.#datagram.readUInt32BE(offset + ATTRIBUTE_HEADER_BYTES) === expected;
  }

  /** Short-term credentials (RFC 8489 section 9.1.3). False also when there is no MESSAGE-INTEGRITY. */
  verifyIntegrity(password: string): boolean {
    const offset = this.#attributes.integrityOffset;
    if (offset === undefined) return false;
    const actual = this.#datagram.subarray(offset + ATTRIBUTE_HEADER_BYTES, offset + ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES);
    return timingSafeEqual(messageIntegrity(this.#datagram.subarray(0, offset), password), actual);
  }
}

/** Undefined when the datagram is no well-formed STUN message. */
export function parseStunMessage(datagram: Buffer): StunMessage | undefined {
  if (!hasStunHeader(datagram)) return undefined;
  const attributes = parseAttributes(datagram);
  return attributes && new StunMessage(datagram, attributes);
}

/** HMAC-SHA1 over all that precedes MESSAGE-INTEGRITY, with a header length that ends behind it (RFC 8489 section 14.5). */
export function messageIntegrity(preceding: Buffer, password: string): Buffer {
  const start = Buffer.from(preceding.subarray(0, 4));
  start.writeUInt16BE(preceding.length - HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES, 2);
  return createHmac('sha1', password).update(start).update(preceding.subarray(4)).digest();
}

function hasStunHeader(datagram: Buffer): boolean {
  if (datagram.length < HEADER_BYTES || datagram.length % 4 !== 0) return false;
  if (datagram.readUInt16BE(0) >= 0x4000) return false;
  return datagram.readUInt16BE(2) === datagram.length - HEADER_BYTES && datagram.readUInt32BE(4) === MAGIC_COOKIE;
}

function parseAttributes(datagram: Buffer): Attributes | undefined {
  const values = new Map<number, Buffer>();
  const notUnderstood = new Set<number>();
  let integrityOffset: number | undefined;
  let fingerprintOffset: number | undefined;

  for (let offset = HEADER_BYTES; offset < datagram.length; ) {
    // FINGERPRINT must be the last attribute (RFC 8489 section 14.7).
    if (fingerprintOffset !== undefined || offset + ATTRIBUTE_HEADER_BYTES > datagram.length) return undefined;
    const type = datagram.readUInt16BE(offset);
    const length = datagram.readUInt16BE(offset + 2);
    const start = offset + ATTRIBUTE_HEADER_BYTES;
    const end = start + paddedLength(length);
    if (end > datagram.length) return undefined;

    if (type === STUN_ATTRIBUTES.fingerprint) {
      if (length !== FINGERPRINT_BYTES) return undefined;
      fingerprintOffset = offset;
    } else if (integrityOffset === undefined) {
      // What follows MESSAGE-INTEGRITY is not protected by it and is ignored (RFC 8489 section 14.5).
      if (type === STUN_ATTRIBUTES.messageIntegrity) {
        if (length !== INTEGRITY_BYTES) return undefined;
        integrityOffset = offset;
      }
      if (type < COMPREHENSION_OPTIONAL && !UNDERSTOOD.has(type)) notUnderstood.add(type);
      if (!values.has(type)) values.set(type, datagram.subarray(start, start + length));
    }
    offset = end;
  }
  return { values, notUnderstood: [...notUnderstood], integrityOffset, fingerprintOffset };
}
