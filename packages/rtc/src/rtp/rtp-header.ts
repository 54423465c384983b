import { ONE_BYTE_PROFILE, RTP_FIXED_HEADER_LENGTH, TWO_BYTE_PROFILE } from './rtp-packet.ts';

/** What the fixed header says; an RtpPacket has these fields too. */
export interface RtpHeaderFields {
  readonly marker: boolean;
  /** 0 to 127. */
  readonly payloadType: number;
  /** Its low 16 bits are written. */
  readonly sequenceNumber: number;
  /** Its low 32 bits are written. */
  readonly timestamp: number;
  readonly ssrc: number;
}

interface Element {
  id: number;
  source: Buffer;
  offset: number;
  length: number;
}

/** More than any peer negotiates. */
const MAX_ELEMENTS = 32;
const MAX_ONE_BYTE_ID = 14;
const MAX_ONE_BYTE_LENGTH = 16;

/**
 * Header extensions to write, as references to bytes that live elsewhere.
 * Clear and fill it for each packet: after the first few it allocates nothing.
 */
export class HeaderExtensionList {
  readonly #elements: Element[] = [];
  #count = 0;
  #valueBytes = 0;
  #needsTwoByteForm = false;

  get count(): number {
    return this.#count;
  }

  /** Bytes that {@link write} takes, the four of the block's own header included; 0 for an empty list. */
  get byteLength(): number {
    return this.#count === 0 ? 0 : 4 + roundToWords(this.#elementBytes());
  }

  clear(): void {
    this.#count = 0;
    this.#valueBytes = 0;
    this.#needsTwoByteForm = false;
  }

  /**
   * Adds `length` bytes of `source`, which must stay as they are until the header is written.
   * @param id 1 to 255
   * @param length 0 to 255
   * @returns false when id or length cannot be written or the list is full; the element is left out
   */
  add(id: number, source: Buffer, offset = 0, length = source.length - offset): boolean {
    if (id < 1 || id > 255 || length < 0 || length > 255 || offset + length > source.length) return false;
    if (this.#count === MAX_ELEMENTS) return false;
    const element = this.#elements[this.#count];
    if (element) {
      element.id = id;
      element.source = source;
      element.offset = offset;
      element.length = length;
    } else {
      this.#elements.push({ id, source, offset, length });
    }
    this.#count++;
    this.#valueBytes += length;
    this.#needsTwoByteForm ||= id > MAX_ONE_BYTE_ID || length === 0 || length > MAX_ONE_BYTE_LENGTH;
    return true;
  }

  /** Writes the block (RFC 8285): the one-byte form when every element fits it. @returns the bytes written */
  write(target: Buffer, at: number): number {
    if (this.#count === 0) return 0;
    const twoByteForm = this.#needsTwoByteForm;
    const end = at + this.byteLength;
    target.writeUInt16BE(twoByteForm ? TWO_BYTE_PROFILE : ONE_BYTE_PROFILE, at);
    target.writeUInt16BE((end - at - 4) / 4, at + 2);
    let cursor = at + 4;
    for (let index = 0; index < this.#count; index++) {
      const element = this.#elements[index];
      if (!element) break;
      if (twoByteForm) {
        cursor = target.writeUInt8(element.id, cursor);
        cursor = target.writeUInt8(element.length, cursor);
      } else {
        cursor = target.writeUInt8((element.id << 4) | (element.length - 1), cursor);
      }
      cursor = copyBytes(element, target, cursor);
    }
    while (cursor < end) cursor = target.writeUInt8(0, cursor);
    return end - at;
  }

  #elementBytes(): number {
    return this.#valueBytes + this.#count * (this.#needsTwoByteForm ? 2 : 1);
  }
}

/**
 * Writes an RTP header without CSRCs (RFC 3550 section 5.1) to the front of `target`.
 * @returns the header's length, which is where the payload belongs
 * @throws RangeError when `target` is too short
 */
export function writeRtpHeader(target: Buffer, fields: RtpHeaderFields, extensions?: HeaderExtensionList): number {
  const hasExtensions = extensions !== undefined && extensions.count > 0;
  target.writeUInt8(hasExtensions ? 0x90 : 0x80, 0);
  target.writeUInt8((fields.marker ? 0x80 : 0) | (fields.payloadType & 0x7f), 1);
  target.writeUInt16BE(fields.sequenceNumber & 0xffff, 2);
  target.writeUInt32BE(fields.timestamp >>> 0, 4);
  target.writeUInt32BE(fields.ssrc >>> 0, 8);
  if (!hasExtensions) return RTP_FIXED_HEADER_LENGTH;
  return RTP_FIXED_HEADER_LENGTH + extensions.write(target, RTP_FIXED_HEADER_LENGTH);
}

/** Values are a few bytes long, where a loop is cheaper than `Buffer.copy`. */
function copyBytes(element: Element, target: Buffer, at: number): number {
  let cursor = at;
  for (let offset = element.offset; offset < element.offset + element.length; offset++) {
    cursor = target.writeUInt8(element.source.readUInt8(offset), cursor);
  }
  return cursor;
}

function roundToWords(bytes: number): number {
  return (bytes + 3) & ~3;
}
