import { ALERT } from '../alert.ts';
import { HandshakeFailure } from './failure.ts';

/**
 * Reads the fields of a handshake message one after another (RFC 5246 section 4).
 * Every method throws HandshakeFailure when the bytes end too early.
 */
export class ByteReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** A big-endian number. */
  uint(byteLength: 1 | 2 | 3): number {
    return this.bytes(byteLength).readUIntBE(0, byteLength);
  }

  /** A view of the next bytes. */
  bytes(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw malformed('it ends too early');
    const bytes = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return bytes;
  }

  /** A view of what stands behind its own length. */
  vector(lengthBytes: 1 | 2 | 3): Buffer {
    return this.bytes(this.uint(lengthBytes));
  }

  /** The numbers of a vector of 16-bit ones. */
  uint16List(): number[] {
    const bytes = this.vector(2);
    if (bytes.length % 2 !== 0) throw malformed('a list of 16-bit numbers has an odd length');
    return Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16BE(2 * index));
  }

  /** @throws HandshakeFailure when bytes are left */
  end(): void {
    if (!this.atEnd) throw malformed('bytes follow its end');
  }
}

/** The failure of a message that is not what its type says. */
export function malformed(how: string): HandshakeFailure {
  return new HandshakeFailure(how, ALERT.decode_error);
}
