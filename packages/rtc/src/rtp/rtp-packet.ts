/** Length of an RTP header without CSRCs and extensions (RFC 3550 section 5.1). */
export const RTP_FIXED_HEADER_LENGTH = 12;

/** "defined by profile" value of the one-byte form (RFC 8285 section 4.2). */
export const ONE_BYTE_PROFILE = 0xbede;
/** The same of the two-byte form; the low four bits are free (RFC 8285 section 4.3). */
export const TWO_BYTE_PROFILE = 0x1000;
const TWO_BYTE_PROFILE_MASK = 0xfff0;

const NO_BYTES = Buffer.alloc(0);

/**
 * A view of one RTP packet, made once and pointed at packet after packet, so that
 * reading a packet allocates nothing. Its fields hold until the next {@link parse}
 * and only when that returned true; they are plain data, so a stage may rewrite them.
 */
export class RtpPacket {
  buffer: Buffer = NO_BYTES;
  marker = false;
  /** 0 to 127. */
  payloadType = 0;
  /** 0 to 65535. */
  sequenceNumber = 0;
  /** 0 to 2^32 - 1, in units of the codec's clock rate. */
  timestamp = 0;
  ssrc = 0;
  /** Bytes of fixed header, CSRCs and extensions. */
  headerLength = 0;
  /** Where the payload begins; behind {@link headerLength} once an RTX payload is unwrapped. */
  payloadOffset = 0;
  /** First byte behind the payload, where padding begins if there is any. */
  payloadEnd = 0;
  paddingLength = 0;

  /** Of the element that {@link nextExtension} or {@link findExtension} stopped at. */
  extensionId = 0;
  /** Where its value begins in {@link buffer}. */
  extensionOffset = 0;
  /** Bytes of its value, 0 to 255. */
  extensionLength = 0;

  /** Bytes before each value: 1 or 2 by the form of the block. */
  #elementHeaderLength = 1;
  #extensionsOffset = 0;
  #extensionsEnd = 0;
  #cursor = 0;

  get payloadLength(): number {
    return this.payloadEnd - this.payloadOffset;
  }

  /** Points the view at `buffer`. @returns false when it is no well-formed RTP packet (RFC 3550 section 5.1) */
  parse(buffer: Buffer): boolean {
    if (buffer.length < RTP_FIXED_HEADER_LENGTH) return false;
    const first = buffer.readUInt8(0);
    if (first >> 6 !== 2) return false;
    const second = buffer.readUInt8(1);
    this.buffer = buffer;
    this.marker = second >> 7 === 1;
    this.payloadType = second & 0x7f;
    this.sequenceNumber = buffer.readUInt16BE(2);
    this.timestamp = buffer.readUInt32BE(4);
    this.ssrc = buffer.readUInt32BE(8);
    return this.#parseExtensionBlock(first) && this.#parsePadding(first);
  }

  /** Makes this a view like `other`, of a copy of its bytes in `buffer`. */
  follow(other: RtpPacket, buffer: Buffer): void {
    this.buffer = buffer;
    this.marker = other.marker;
    this.payloadType = other.payloadType;
    this.sequenceNumber = other.sequenceNumber;
    this.timestamp = other.timestamp;
    this.ssrc = other.ssrc;
    this.headerLength = other.headerLength;
    this.payloadOffset = other.payloadOffset;
    this.payloadEnd = other.payloadEnd;
    this.paddingLength = other.paddingLength;
    this.#elementHeaderLength = other.#elementHeaderLength;
    this.#extensionsOffset = other.#extensionsOffset;
    this.#extensionsEnd = other.#extensionsEnd;
  }

  /** Puts {@link nextExtension} before the first element. */
  rewindExtensions(): void {
    this.#cursor = this.#extensionsOffset;
  }

  /**
   * Steps to the next header extension and sets `extensionId`, `extensionOffset` and `extensionLength`.
   * @returns false behind the last element and at the first malformed one
   */
  nextExtension(): boolean {
    const { buffer } = this;
    const end = this.#extensionsEnd;
    let element = this.#cursor;
    while (element < end && buffer.readUInt8(element) === 0) element++;
    const valueOffset = element + this.#elementHeaderLength;
    if (valueOffset > end) return this.#endExtensions();

    const first = buffer.readUInt8(element);
    const oneByteForm = this.#elementHeaderLength === 1;
    const id = oneByteForm ? first >> 4 : first;
    const length = oneByteForm ? (first & 0x0f) + 1 : buffer.readUInt8(element + 1);
    // RFC 8285 section 4.2: ID 15, and ID 0 with a length, end the one-byte form.
    if (oneByteForm && (id === 0 || id === 15)) return this.#endExtensions();
    if (valueOffset + length > end) return this.#endExtensions();

    this.extensionId = id;
    this.extensionOffset = valueOffset;
    this.extensionLength = length;
    this.#cursor = valueOffset + length;
    return true;
  }

  /** Steps to the first extension with this id, as {@link nextExtension} does. */
  findExtension(id: number): boolean {
    this.rewindExtensions();
    while (this.nextExtension()) {
      if (this.extensionId === id) return true;
    }
    return false;
  }

  /** The value of an extension as a view into {@link buffer}. Allocates the view: not for every packet. */
  extension(id: number): Buffer | undefined {
    if (!this.findExtension(id)) return undefined;
    return this.buffer.subarray(this.extensionOffset, this.extensionOffset + this.extensionLength);
  }

  #parseExtensionBlock(first: number): boolean {
    const { buffer } = this;
    const block = RTP_FIXED_HEADER_LENGTH + 4 * (first & 0x0f);
    this.#extensionsOffset = this.#extensionsEnd = this.#cursor = 0;
    this.headerLength = this.payloadOffset = block;
    const hasExtensions = (first & 0x10) !== 0;
    if (!hasExtensions) return block <= buffer.length;
    if (block + 4 > buffer.length) return false;

    const profile = buffer.readUInt16BE(block);
    const end = block + 4 + 4 * buffer.readUInt16BE(block + 2);
    if (end > buffer.length) return false;
    this.headerLength = this.payloadOffset = end;
    const twoByteForm = (profile & TWO_BYTE_PROFILE_MASK) === TWO_BYTE_PROFILE;
    if (profile !== ONE_BYTE_PROFILE && !twoByteForm) return true;
    this.#elementHeaderLength = twoByteForm ? 2 : 1;
    this.#extensionsOffset = this.#cursor = block + 4;
    this.#extensionsEnd = end;
    return true;
  }

  #parsePadding(first: number): boolean {
    const { buffer } = this;
    this.paddingLength = 0;
    this.payloadEnd = buffer.length;
    const hasPadding = (first & 0x20) !== 0;
    if (!hasPadding) return true;
    this.paddingLength = buffer.readUInt8(buffer.length - 1);
    this.payloadEnd -= this.paddingLength;
    return this.paddingLength > 0 && this.payloadEnd >= this.payloadOffset;
  }

  #endExtensions(): false {
    this.#cursor = this.#extensionsEnd;
    return false;
  }
}
