/** What the receiver has said about a packet so far. */
export const PACKET_FATE = { unreported: 0, lost: 1, received: 2 } as const;
export type PacketFate = (typeof PACKET_FATE)[keyof typeof PACKET_FATE];

/** The probe cluster of a packet that belongs to none. */
export const NO_CLUSTER = 0;
/** Clusters are numbered from 1 to this, and round again. */
export const MAX_CLUSTER = 63;

const FIRST_CAPACITY = 256;
const MAX_CAPACITY = 2048;
/** A packet without a report that is younger than this may still get one, so that the ring grows rather than lose it. */
const REPORT_DEADLINE_US = 2_000_000;
const FATE_BITS = 2;
const FATE_MASK = 3;

/**
 * Transport-wide numbers given out to one viewer, and what went out under the last of them: seven bytes a packet,
 * none before the first. Times are milliseconds of a monotonic clock, kept to the microsecond.
 */
export class SentPackets {
  /** Microseconds modulo 2^32. */
  #sentAt = new Uint32Array(0);
  #bytes = new Uint16Array(0);
  /** Fate in the low bits, probe cluster above. */
  #marks = new Uint8Array(0);
  /** Unwrapped number of the next packet. */
  #next = 0;
  /** Packets before this one are forgotten. */
  #oldest = 0;

  /** Packets that are remembered at the moment. */
  get size(): number {
    return this.#next - this.#oldest;
  }

  /**
   * Notes a packet that goes out now.
   * @param bytes counts up to 65535
   * @returns its transport-wide sequence number, 16 bits
   */
  add(bytes: number, cluster: number, now: number): number {
    const nowUs = Math.floor(now * 1000);
    if (this.size === this.#sentAt.length) this.#makeRoom(nowUs);
    const sequence = this.#next++;
    const slot = sequence & (this.#sentAt.length - 1);
    this.#sentAt[slot] = nowUs;
    this.#bytes[slot] = Math.min(bytes, 0xffff);
    this.#marks[slot] = cluster << FATE_BITS;
    return sequence & 0xffff;
  }

  /** @returns the unwrapped number of the last packet sent as `sequenceNumber`; -1 for one that was never sent or is forgotten */
  find(sequenceNumber: number): number {
    const last = this.#next - 1;
    const sequence = last - ((last - sequenceNumber) & 0xffff);
    return sequence >= this.#oldest ? sequence : -1;
  }

  /** When a packet went out, by how near to `now` that can have been. `sequence` is one that {@link find} gave. */
  sentAt(sequence: number, now: number): number {
    const nowUs = Math.floor(now * 1000);
    // Whole microseconds, so that packets of one moment keep one time whenever they are asked for.
    return (nowUs - ((nowUs - this.#read(this.#sentAt, sequence)) | 0)) / 1000;
  }

  bytes(sequence: number): number {
    return this.#read(this.#bytes, sequence);
  }

  cluster(sequence: number): number {
    return this.#read(this.#marks, sequence) >> FATE_BITS;
  }

  fate(sequence: number): PacketFate {
    const fate = this.#read(this.#marks, sequence) & FATE_MASK;
    if (fate === PACKET_FATE.received) return PACKET_FATE.received;
    return fate === PACKET_FATE.lost ? PACKET_FATE.lost : PACKET_FATE.unreported;
  }

  setFate(sequence: number, fate: PacketFate): void {
    const slot = sequence & (this.#marks.length - 1);
    this.#marks[slot] = ((this.#marks[slot] ?? 0) & ~FATE_MASK) | fate;
  }

  #read(column: Uint32Array | Uint16Array | Uint8Array, sequence: number): number {
    return column[sequence & (column.length - 1)] ?? 0;
  }

  /** Forgets the oldest packet, unless a report on it may still come and the ring may grow. */
  #makeRoom(nowUs: number): void {
    const capacity = this.#sentAt.length;
    if (capacity === 0) return this.#grow(FIRST_CAPACITY);
    const awaited = this.fate(this.#oldest) === PACKET_FATE.unreported && ((nowUs - this.#read(this.#sentAt, this.#oldest)) >>> 0) < REPORT_DEADLINE_US;
    if (awaited && capacity < MAX_CAPACITY) return this.#grow(2 * capacity);
    this.#oldest++;
  }

  #grow(capacity: number): void {
    const sentAt = new Uint32Array(capacity);
    const bytes = new Uint16Array(capacity);
    const marks = new Uint8Array(capacity);
    for (let sequence = this.#oldest; sequence < this.#next; sequence++) {
      const slot = sequence & (capacity - 1);
      sentAt[slot] = this.#read(this.#sentAt, sequence);
      bytes[slot] = this.#read(this.#bytes, sequence);
      marks[slot] = this.#read(this.#marks, sequence);
    }
    this.#sentAt = sentAt;
    this.#bytes = bytes;
    this.#marks = marks;
  }
}
