/**
 * The longest frame that is taken. A peer sends what would fit a datagram, as it must when it moves to UDP;
 * that is an MTU of 1,500 bytes, and this leaves room for peers that are careless about it.
 */
export const MAX_FRAME_BYTES = 2048;
/** A length of 16 bits stands before each frame (RFC 4571 section 2). */
const LENGTH_BYTES = 2;
export const MAX_LENGTH = 0xffff;

/** Cuts a byte stream into frames (RFC 4571). It holds one frame at most, and that only while it is incomplete. */
export class FrameReader {
  readonly #onFrame: (frame: Buffer) => void;
  #firstLengthByte: number | undefined;
  /** Undefined until both bytes of it have come. */
  #length: number | undefined;
  #partial: Buffer | undefined;
  #filled = 0;

  /** @param onFrame gets each frame, which is its to keep; must not throw */
  constructor(onFrame: (frame: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  /**
   * Takes the next bytes; frames that lie whole in them are not copied.
   * @returns false at a frame over {@link MAX_FRAME_BYTES}; the stream is of no use afterwards
   */
  read(chunk: Buffer): boolean {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#length === undefined) {
        this.#readLengthByte(chunk.readUInt8(offset));
        offset++;
        if (this.#length !== undefined && this.#length > MAX_FRAME_BYTES) return false;
      } else {
        offset = this.#readContent(chunk, offset, this.#length);
      }
    }
    return true;
  }

  #readLengthByte(byte: number): void {
    if (this.#firstLengthByte === undefined) {
      this.#firstLengthByte = byte;
      return;
    }
    const length = this.#firstLengthByte * 256 + byte;
    this.#firstLengthByte = undefined;
    // A length of zero is a null packet (RFC 4571 section 2): the next length follows at once.
    this.#length = length === 0 ? undefined : length;
  }

  /** @returns the offset behind what belongs to the frame */
  #readContent(chunk: Buffer, offset: number, length: number): number {
    const end = Math.min(offset + length - this.#filled, chunk.length);
    const part = chunk.subarray(offset, end);
    if (part.length === length) {
      this.#finish(part);
      return end;
    }
    this.#partial ??= Buffer.allocUnsafeSlow(length);
    this.#filled += part.copy(this.#partial, this.#filled);
    if (this.#filled === length) this.#finish(this.#partial);
    return end;
  }

  #finish(frame: Buffer): void {
    this.#length = undefined;
    this.#partial = undefined;
    this.#filled = 0;
    this.#onFrame(frame);
  }
}

/**
 * A datagram with its length before it.
 * @param datagram at most {@link MAX_LENGTH} bytes
 */
export function encodeFrame(datagram: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + datagram.length);
  frame.writeUInt16BE(datagram.length);
  frame.set(datagram, LENGTH_BYTES);
  return frame;
}
