import { MediaError } from '@sluice/core';

/** Indexes into the control words. Positions count bytes since the start and wrap at 2^32, which every size divides. */
const WRITTEN = 0;
const READ = 1;
const CONTROL_BYTES = 64;
const ALIGNMENT = 8;
/** Stands before each record: its length; 0 says that the next one is at the front of the ring. */
const LENGTH_BYTES = 8;

/** Memory of a ring that one thread writes and another reads. */
export interface RingMemory {
  readonly buffer: SharedArrayBuffer;
}

/** @param bytes room for records, a power of two of at least 4,096 */
export function createRingMemory(bytes: number): RingMemory {
  if (bytes < 4096 || (bytes & (bytes - 1)) !== 0) throw new MediaError('ARGUMENT_INVALID', `A ring has a power of two bytes, at least 4096, not ${bytes}.`);
  return { buffer: new SharedArrayBuffer(CONTROL_BYTES + bytes) };
}

/** The writing side. Records become visible together, by {@link publish}. */
export class RingWriter {
  readonly bytes: Buffer;
  readonly #control: Int32Array;
  readonly #size: number;
  #position = 0;

  constructor({ buffer }: RingMemory) {
    this.#control = new Int32Array(buffer, 0, CONTROL_BYTES / 4);
    this.bytes = Buffer.from(buffer, CONTROL_BYTES);
    this.#size = this.bytes.length;
  }

  /** What the reader has not read, bytes. */
  get unread(): number {
    return (this.#position - Atomics.load(this.#control, READ)) >>> 0;
  }

  /** Changes as long as the reader reads. */
  get readPosition(): number {
    return Atomics.load(this.#control, READ) >>> 0;
  }

  /** Whether records of so many bytes each have room, whatever stands at the end of the ring. */
  hasRoom(bytes: number, records: number): boolean {
    return this.unread + 2 * records * (align(bytes) + LENGTH_BYTES) <= this.#size;
  }

  /**
   * Makes room for one record, which is to be written at once.
   * @returns offset in {@link bytes}; -1 when there is no room
   */
  append(length: number): number {
    const needed = LENGTH_BYTES + align(length);
    const offset = this.#position % this.#size;
    const skipped = offset + needed > this.#size ? this.#size - offset : 0;
    if (this.unread + skipped + needed > this.#size) return -1;
    if (skipped > 0) this.bytes.writeUInt32LE(0, offset);
    const start = skipped > 0 ? 0 : offset;
    this.bytes.writeUInt32LE(length, start);
    this.#position = (this.#position + skipped + needed) >>> 0;
    return start + LENGTH_BYTES;
  }

  /** Shows the reader all records so far, and wakes it. */
  publish(): void {
    Atomics.store(this.#control, WRITTEN, this.#position | 0);
    Atomics.notify(this.#control, WRITTEN);
  }
}

/** The reading side. */
export class RingReader {
  readonly bytes: Buffer;
  readonly #control: Int32Array;
  readonly #size: number;
  #position = 0;

  constructor({ buffer }: RingMemory) {
    this.#control = new Int32Array(buffer, 0, CONTROL_BYTES / 4);
    this.bytes = Buffer.from(buffer, CONTROL_BYTES);
    this.#size = this.bytes.length;
  }

  /**
   * Hands out every record that has been published; each holds during the call only.
   * @returns how many there were
   */
  drain(take: (offset: number, length: number) => void): number {
    const end = Atomics.load(this.#control, WRITTEN) >>> 0;
    let records = 0;
    while (this.#position !== end) {
      const offset = this.#position % this.#size;
      const length = this.bytes.readUInt32LE(offset);
      if (length === 0) {
        this.#advance(this.#size - offset);
        continue;
      }
      take(offset + LENGTH_BYTES, length);
      this.#advance(LENGTH_BYTES + align(length));
      records++;
    }
    return records;
  }

  /** Blocks the thread until something new is published, or so long. */
  wait(timeoutMs: number): void {
    Atomics.wait(this.#control, WRITTEN, this.#position | 0, timeoutMs);
  }

  #advance(bytes: number): void {
    this.#position = (this.#position + bytes) >>> 0;
    Atomics.store(this.#control, READ, this.#position | 0);
  }
}

function align(bytes: number): number {
  return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
}
