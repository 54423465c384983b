import type { NativeEnvironment } from './native-environment.ts';

const SOL_UDP = 17;
const UDP_SEGMENT = 103;
const MSG_DONTWAIT = 0x40;
/** struct mmsghdr, struct iovec, and a control message of two bytes, of 64-bit Linux. */
const MESSAGE_BYTES = 64;
const PART_BYTES = 16;
const CONTROL_BYTES = 24;
const CONTROL_LENGTH = 18;
/** Offsets in struct mmsghdr. */
const NAME = 0;
const NAME_LENGTH = 8;
const PARTS = 16;
const PART_COUNT = 24;
const CONTROL = 32;
const CONTROL_LENGTH_FIELD = 40;

/** Where a datagram goes: a struct sockaddr in the arena. */
export interface SocketAddress {
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Messages for sendmmsg(2) in the arena. Each is made of packets that follow each other; with several of them the
 * system cuts it into datagrams again (UDP_SEGMENT, "generic segmentation offload").
 */
export class DatagramMessages {
  readonly #environment: NativeEnvironment;
  readonly #view: DataView;
  readonly #capacity: number;
  readonly #messages: number;
  readonly #parts: number;
  readonly #controls: number;
  readonly #option: number;

  /** @param capacity messages, and packets of all of them */
  constructor(environment: NativeEnvironment, capacity: number) {
    const { arena } = environment;
    this.#environment = environment;
    this.#view = new DataView(arena.memory.buffer);
    this.#capacity = capacity;
    this.#messages = arena.allocate(capacity * MESSAGE_BYTES);
    this.#parts = arena.allocate(capacity * PART_BYTES);
    this.#controls = arena.allocate(capacity * CONTROL_BYTES);
    this.#option = arena.allocate(4);
    for (let index = 0; index < capacity; index++) this.#writeControl(this.#controls + index * CONTROL_BYTES);
  }

  /** Whether the system cuts messages of this socket into datagrams; without it every message is one packet. */
  canSegment(descriptor: number): boolean {
    const { functions, memory } = this.#environment;
    this.#view.setInt32(this.#option, 0, true);
    return functions.setsockopt(descriptor, SOL_UDP, UDP_SEGMENT, memory.address(this.#option, 4), 4) === 0;
  }

  /** Puts a packet of the arena at `part`. */
  setPart(part: number, offset: number, bytes: number): void {
    const position = this.#parts + part * PART_BYTES;
    this.#environment.memory.writeAddress(position, offset, bytes);
    // The upper half of the length is zero since the beginning.
    this.#view.setUint32(position + 8, bytes, true);
  }

  /**
   * Makes a message of `count` packets from `part` on.
   * @param segmentBytes length of each but the last, which may be shorter
   */
  setMessage(message: number, to: SocketAddress, part: number, count: number, segmentBytes: number): void {
    const { memory } = this.#environment;
    const position = this.#messages + message * MESSAGE_BYTES;
    const isSegmented = count > 1;
    memory.writeAddress(position + NAME, to.offset, to.bytes);
    this.#view.setUint32(position + NAME_LENGTH, to.bytes, true);
    memory.writeAddress(position + PARTS, this.#parts + part * PART_BYTES, count * PART_BYTES);
    this.#view.setUint32(position + PART_COUNT, count, true);
    const control = this.#controls + message * CONTROL_BYTES;
    memory.writeAddress(position + CONTROL, control, CONTROL_BYTES);
    this.#view.setUint32(position + CONTROL_LENGTH_FIELD, isSegmented ? CONTROL_BYTES : 0, true);
    if (isSegmented) this.#view.setUint16(control + 16, segmentBytes, true);
  }

  /**
   * Sends `count` messages from `first` on, without waiting.
   * @returns how many were sent, at least one, or the number of the error of the first as a negative number
   */
  send(descriptor: number, first: number, count: number): number {
    const { functions, library, memory } = this.#environment;
    const sent = functions.sendmmsg(descriptor, memory.address(this.#messages + first * MESSAGE_BYTES, count * MESSAGE_BYTES), count, MSG_DONTWAIT);
    return sent > 0 ? sent : -library.errno();
  }

  get capacity(): number {
    return this.#capacity;
  }

  #writeControl(position: number): void {
    this.#view.setUint32(position, CONTROL_LENGTH, true);
    this.#view.setInt32(position + 8, SOL_UDP, true);
    this.#view.setInt32(position + 12, UDP_SEGMENT, true);
  }
}
