import type { DatagramReader } from '../udp/receive-polling.ts';
import { NULL } from './native-memory.ts';
import type { NativeEnvironment } from './native-environment.ts';

const SOL_SOCKET = 1;
const SO_TIMESTAMPNS = 35;
const MSG_DONTWAIT = 0x40;
const CLOCK_REALTIME = 0;
const AF_INET = 2;
/** Taken in one call. */
const MESSAGES = 32;
/** The longest datagram fits. No power of two, whose multiples would compete for the same lines of a processor's cache. */
const SLOT_BYTES = 65_600;
/** struct mmsghdr, struct iovec, struct sockaddr_in, and a control message with a struct timespec, of 64-bit Linux. */
const MESSAGE_BYTES = 64;
const PART_BYTES = 16;
const ADDRESS_BYTES = 16;
const CONTROL_BYTES = 32;
const TIME_BYTES = 16;
/** Offsets in struct mmsghdr. */
const NAME = 0;
const NAME_LENGTH = 8;
const PARTS = 16;
const PART_COUNT = 24;
const CONTROL = 32;
const CONTROL_LENGTH = 40;
const RECEIVED_LENGTH = 56;
/** Of the time in a control message. */
const STAMP = 16;
/** The system's clock may have been set since a datagram came. */
const MAX_AGE_MS = 1000;
/** Of what came lately; more are forgotten, because anybody can send from anywhere. */
const MAX_KNOWN_ADDRESSES = 8192;

/** Reads datagrams of IPv4 by recvmmsg(2), many in one call, and with the time at which the system got each. */
export class NativeDatagramReader implements DatagramReader {
  readonly #environment: NativeEnvironment;
  readonly #view: DataView;
  readonly #messages: number;
  readonly #parts: number;
  readonly #addresses: number;
  readonly #controls: number;
  readonly #slots: number;
  readonly #time: number;
  readonly #option: number;
  /** By address and port as one number. */
  readonly #known = new Map<number, { readonly address: string; readonly port: number }>();

  constructor(environment: NativeEnvironment) {
    const { arena } = environment;
    this.#environment = environment;
    this.#view = new DataView(arena.memory.buffer);
    this.#messages = arena.allocate(MESSAGES * MESSAGE_BYTES);
    this.#parts = arena.allocate(MESSAGES * PART_BYTES);
    this.#addresses = arena.allocate(MESSAGES * ADDRESS_BYTES);
    this.#controls = arena.allocate(MESSAGES * CONTROL_BYTES);
    this.#slots = arena.allocate(MESSAGES * SLOT_BYTES);
    this.#time = arena.allocate(TIME_BYTES);
    this.#option = arena.allocate(4);
    for (let message = 0; message < MESSAGES; message++) this.#writePointers(message);
  }

  setStamping(descriptor: number, stamping: boolean): void {
    const { functions, memory } = this.#environment;
    this.#view.setInt32(this.#option, stamping ? 1 : 0, true);
    functions.setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, memory.address(this.#option, 4), 4);
  }

  read(descriptor: number, take: (data: Buffer, from: { readonly address: string; readonly port: number }, ageMs: number) => void): boolean {
    for (let message = 0; message < MESSAGES; message++) this.#writeRoom(message);
    const { functions, memory } = this.#environment;
    const received = functions.recvmmsg(descriptor, memory.address(this.#messages, MESSAGES * MESSAGE_BYTES), MESSAGES, MSG_DONTWAIT, NULL);
    if (received <= 0) return false;
    functions.clock_gettime(CLOCK_REALTIME, memory.address(this.#time, TIME_BYTES));
    for (let message = 0; message < received; message++) this.#take(message, take);
    return received === MESSAGES;
  }

  #take(message: number, take: Parameters<DatagramReader['read']>[1]): void {
    const length = this.#view.getUint32(this.#messages + message * MESSAGE_BYTES + RECEIVED_LENGTH, true);
    const slot = this.#slots + message * SLOT_BYTES;
    const data = Buffer.allocUnsafe(length);
    this.#environment.memory.bytes.copy(data, 0, slot, slot + length);
    const from = this.#addressOf(this.#addresses + message * ADDRESS_BYTES);
    if (from) take(data, from, this.#ageOf(message));
  }

  #addressOf(position: number): { readonly address: string; readonly port: number } | undefined {
    if (this.#view.getUint16(position, true) !== AF_INET) return undefined;
    const port = this.#view.getUint16(position + 2);
    const key = this.#view.getUint32(position + 4) * 65_536 + port;
    const known = this.#known.get(key);
    if (known) return known;
    if (this.#known.size >= MAX_KNOWN_ADDRESSES) this.#known.clear();
    const from = { address: this.#environment.memory.bytes.subarray(position + 4, position + 8).join('.'), port };
    this.#known.set(key, from);
    return from;
  }

  /** Milliseconds since the system got it. */
  #ageOf(message: number): number {
    const hasStamp = this.#view.getUint32(this.#messages + message * MESSAGE_BYTES + CONTROL_LENGTH, true) === CONTROL_BYTES;
    if (!hasStamp) return 0;
    const stamp = this.#controls + message * CONTROL_BYTES + STAMP;
    // The lower half of the seconds does until 2106.
    const seconds = this.#view.getUint32(this.#time, true) - this.#view.getUint32(stamp, true);
    const nanoseconds = this.#view.getUint32(this.#time + 8, true) - this.#view.getUint32(stamp + 8, true);
    return Math.min(MAX_AGE_MS, Math.max(0, seconds * 1e3 + nanoseconds / 1e6));
  }

  #writePointers(message: number): void {
    const { memory } = this.#environment;
    const position = this.#messages + message * MESSAGE_BYTES;
    const part = this.#parts + message * PART_BYTES;
    memory.writeAddress(part, this.#slots + message * SLOT_BYTES, SLOT_BYTES);
    this.#view.setUint32(part + 8, SLOT_BYTES, true);
    memory.writeAddress(position + NAME, this.#addresses + message * ADDRESS_BYTES, ADDRESS_BYTES);
    memory.writeAddress(position + PARTS, part, PART_BYTES);
    this.#view.setUint32(position + PART_COUNT, 1, true);
    memory.writeAddress(position + CONTROL, this.#controls + message * CONTROL_BYTES, CONTROL_BYTES);
  }

  /** The system puts over it what it has used of it. */
  #writeRoom(message: number): void {
    const position = this.#messages + message * MESSAGE_BYTES;
    this.#view.setUint32(position + NAME_LENGTH, ADDRESS_BYTES, true);
    this.#view.setUint32(position + CONTROL_LENGTH, CONTROL_BYTES, true);
  }
}
