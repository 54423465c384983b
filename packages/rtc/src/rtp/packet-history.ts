import { SequenceUnwrapper, sequenceDistance } from './sequence.ts';

/** For how long a packet is kept for NACKs, milliseconds. */
export const DEFAULT_RETRANSMISSION_CACHE_MS = 2000;

export interface PacketHistoryOptions {
  /** Packets kept, a power of two up to 32768. Default 1024. */
  readonly capacity?: number | undefined;
  /** Packets older than this are not found any more. Default {@link DEFAULT_RETRANSMISSION_CACHE_MS}. */
  readonly maxAgeMs?: number | undefined;
  /** Longer packets are not kept; they are counted. Default 1500 bytes. */
  readonly maxPacketLength?: number | undefined;
}

/** No unwrapped number is this low. */
const FORGOTTEN = -0x4000_0000;

interface Slot {
  /** Unwrapped, because a publisher's leaps can leave a packet of a whole cycle ago in its slot; {@link FORGOTTEN} once it is. */
  sequence: number;
  storedAt: number;
  length: number;
  buffer: Buffer;
}

/** Slots grow in steps of this, so that packets of like size need no new buffer. */
const SLOT_STEP = 256;

/**
 * The last packets of one source, to answer NACKs with. Each slot keeps its buffer, so that
 * storing allocates nothing once every slot has held a long packet.
 * Times are milliseconds of a monotonic clock.
 */
export class PacketHistory {
  readonly #maxAgeMs: number;
  readonly #maxPacketLength: number;
  readonly #capacity: number;
  /** Each made when it is first needed, as a slow stream never needs them all at once. */
  readonly #slots: (Slot | undefined)[];
  readonly #unwrapper = new SequenceUnwrapper();
  #oversize = 0;

  /** @throws RangeError when `capacity` is not a power of two up to 32768 */
  constructor(options: PacketHistoryOptions = {}) {
    const capacity = options.capacity ?? 1024;
    if (capacity < 1 || capacity > 0x8000 || (capacity & (capacity - 1)) !== 0) {
      throw new RangeError(`The capacity of a packet history is a power of two up to 32768, not ${capacity}.`);
    }
    this.#maxAgeMs = options.maxAgeMs ?? DEFAULT_RETRANSMISSION_CACHE_MS;
    this.#maxPacketLength = options.maxPacketLength ?? 1500;
    this.#capacity = capacity;
    this.#slots = Array.from({ length: capacity }, () => undefined);
  }

  /** Packets kept at most. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Packets that were too long to be kept. */
  get oversize(): number {
    return this.#oversize;
  }

  /**
   * Copies the bytes of `packet` from `offset` to `end`; what they are is the caller's choice.
   * @param sequenceNumber its low 16 bits count
   * @returns the packet's unwrapped number, under which {@link find} has it
   */
  store(sequenceNumber: number, packet: Buffer, offset: number, end: number, nowMs: number): number {
    const length = end - offset;
    const sequence = this.#unwrapper.unwrap(sequenceNumber & 0xffff);
    if (length > this.#maxPacketLength) {
      this.#oversize++;
      return sequence;
    }
    const slot = (this.#slots[this.#indexOf(sequenceNumber)] ??= emptySlot());
    if (slot.buffer.length < length) slot.buffer = Buffer.allocUnsafeSlow(Math.ceil(length / SLOT_STEP) * SLOT_STEP);
    packet.copy(slot.buffer, 0, offset, end);
    slot.sequence = sequence;
    slot.storedAt = nowMs;
    slot.length = length;
    return sequence;
  }

  /** The unwrapped number of a packet that is not far from the newest. */
  unwrap(sequenceNumber: number): number {
    const { highest = sequenceNumber } = this.#unwrapper;
    return highest + sequenceDistance(highest & 0xffff, sequenceNumber & 0xffff);
  }

  /**
   * A view of the stored bytes, good until the next {@link store}; undefined when they are gone.
   * @param sequence unwrapped
   */
  find(sequence: number, nowMs: number): Buffer | undefined {
    const slot = this.#holder(sequence);
    return slot && nowMs - slot.storedAt <= this.#maxAgeMs ? slot.buffer.subarray(0, slot.length) : undefined;
  }

  /** The same for a packet of any age. */
  peek(sequence: number): Buffer | undefined {
    const slot = this.#holder(sequence);
    return slot?.buffer.subarray(0, slot.length);
  }

  /** Bytes of a stored packet of any age, 0 when it is gone. */
  lengthOf(sequence: number): number {
    return this.#holder(sequence)?.length ?? 0;
  }

  /** Forgets every packet and keeps the buffers. */
  clear(): void {
    for (const slot of this.#slots) if (slot) slot.sequence = FORGOTTEN;
  }

  /** The slot that has this packet, if one has. */
  #holder(sequence: number): Slot | undefined {
    const slot = this.#slots[this.#indexOf(sequence)];
    return slot?.sequence === sequence ? slot : undefined;
  }

  #indexOf(sequence: number): number {
    return sequence & (this.#capacity - 1);
  }
}

function emptySlot(): Slot {
  return { sequence: FORGOTTEN, storedAt: 0, length: 0, buffer: Buffer.alloc(0) };
}
