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
  source: Uint8Array;
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
  add(id: number, source: Uint8Array, offset = 0, length = source.length - offset): boolean {
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
  write(target: Uint8Array, at: number): number {
    if (this.#count === 0) return 0;
    const twoByteForm = this.#needsTwoByteForm;
    const end = at + this.byteLength;
    writeUint16(target, at, twoByteForm ? TWO_BYTE_PROFILE : ONE_BYTE_PROFILE);
    writeUint16(target, at + 2, (end - at - 4) / 4);
    let cursor = at + 4;
    for (let index = 0; index < this.#count; index++) {
      const element = this.#elements[index];
      if (!element) break;
      if (twoByteForm) {
        target[cursor++] = element.id;
        target[cursor++] = element.length;
      } else {
        target[cursor++] = (element.id << 4) | (element.length - 1);
      }
      cursor = copyBytes(element, target, cursor);
    }
    while (cursor < end) target[cursor++] = 0;
    return end - at;
  }

  #elementBytes(): number {
    return this.#valueBytes + this.#count * (this.#needsTwoByteForm ? 2 : 1);
  }
}

/**
 * Writes an RTP header without CSRCs (RFC 3550 section 5.1) to `target` at `at`.
 * @returns the header's length; the payload belongs behind it
 * @throws RangeError when `target` is too short
 */
export function writeRtpHeader(target: Uint8Array, fields: RtpHeaderFields, extensions?: HeaderExtensionList, at = 0): number {
  const extensionBytes = extensions?.byteLength ?? 0;
  const length = RTP_FIXED_HEADER_LENGTH + extensionBytes;
  if (at + length > target.length) throw new RangeError(`An RTP header of ${length} bytes does not fit a buffer of ${target.length} at ${at}.`);
  target[at] = extensionBytes > 0 ? 0x90 : 0x80;
  target[at + 1] = (fields.marker ? 0x80 : 0) | (fields.payloadType & 0x7f);
  writeUint16(target, at + 2, fields.sequenceNumber);
  writeUint32(target, at + 4, fields.timestamp);
  writeUint32(target, at + 8, fields.ssrc);
  extensions?.write(target, at + RTP_FIXED_HEADER_LENGTH);
  return length;
}

// Bytes are written one by one, which costs less than Buffer's methods with their checks.

function writeUint16(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 8;
  target[at + 1] = value;
}

function writeUint32(target: Uint8Array, at: number, value: number): void {
  writeUint16(target, at, value >>> 16);
  writeUint16(target, at + 2, value);
}

function copyBytes(element: Element, target: Uint8Array, at: number): number {
  const { source, offset, length } = element;
  for (let index = 0; index < length; index++) target[at + index] = source[offset + index] ?? 0;
  return at + length;
}

function roundToWords(bytes: number): number {
  return (bytes + 3) & ~3;
}
