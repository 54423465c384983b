import { MediaError } from '@sluice/core';
import { IdTable } from '../id-table.ts';
import { DatagramMessages, type SocketAddress } from '../native/datagram-messages.ts';
import { ERRNO } from '../native/errno.ts';
import type { NativeEnvironment } from '../native/native-environment.ts';
import { SocketAddresses } from '../native/socket-addresses.ts';
import type { PacketBatch } from '../outbound/packet-batch.ts';
import type { BatchSender, Destination } from './batch-sender.ts';
import type { PeerAddress } from './peer-address.ts';
import type { SenderPort, SystemSocket, UdpDropReason } from './sender-port.ts';

/** Kernels before 6.9 cut a message into no more. */
const MAX_SEGMENTS = 64;
/** A message is one datagram to the system until it is cut, with its limits and its headers. */
const MAX_MESSAGE_BYTES = 65_000;
/** Says that the route's device cannot do the checksums of segments. */
const NO_OFFLOAD: number = ERRNO.EIO;
const TOO_LONG: ReadonlySet<number> = new Set([ERRNO.EINVAL, ERRNO.EMSGSIZE]);
const BUSY: ReadonlySet<number> = new Set([ERRNO.EAGAIN, ERRNO.ENOBUFS]);

/** A socket as the sender sees it. */
interface NativeSocket {
  readonly socket: SystemSocket;
  canSegment: boolean;
}

/** What packets to one peer need; without a socket they go the way of single datagrams. */
interface Target {
  readonly peer: PeerAddress;
  readonly socket: NativeSocket | undefined;
  readonly address: SocketAddress | undefined;
  /** Longer segments than these do not fit the path. */
  maxSegmentBytes: number;
}

/** Sends by sendmmsg(2): many packets in one call, and those of one size to one peer in one pass through the network stack. */
export class NativeSender implements BatchSender {
  /** The system has copied what it has taken. */
  readonly busy = false;
  readonly #port: SenderPort;
  readonly #environment: NativeEnvironment;
  readonly #addresses: SocketAddresses;
  readonly #messages: DatagramMessages;
  readonly #targets = new IdTable<Target>();
  readonly #sockets = new Map<SystemSocket, NativeSocket>();
  /** Of each message that waits: its packets, and whom they are for. */
  readonly #firstPacket: Uint16Array;
  readonly #packetCount: Uint16Array;
  readonly #messageTargets: (Target | undefined)[];
  #waiting = 0;

  /** @param capacity packets of a batch at most */
  constructor(environment: NativeEnvironment, port: SenderPort, capacity: number) {
    this.#port = port;
    this.#environment = environment;
    this.#addresses = new SocketAddresses(environment);
    this.#messages = new DatagramMessages(environment, capacity);
    this.#firstPacket = new Uint16Array(capacity);
    this.#packetCount = new Uint16Array(capacity);
    this.#messageTargets = Array.from({ length: capacity }, () => undefined);
  }

  destinationOf(to: PeerAddress): Destination {
    const socket = isNative(to) ? this.#socketFor(to) : undefined;
    const address = socket && this.#addresses.add(to.address, to.port);
    const target: Target = { peer: to, socket, address, maxSegmentBytes: MAX_MESSAGE_BYTES };
    const id = this.#targets.add(target);
    return {
      id,
      close: () => {
        // The number may be another destination's by now.
        if (this.#targets.get(id) !== target) return;
        this.#targets.remove(id);
        if (address) this.#addresses.remove(address);
      },
    };
  }

  send(batch: PacketBatch): number {
    this.#check(batch);
    batch.dropped.fill(0, 0, batch.count);
    let dropped = 0;
    for (let index = 0; index < batch.count; ) {
      const target = this.#targets.get(batch.destinationId[index] ?? 0);
      if (target?.socket) {
        if (this.#messageTargets[0]?.socket !== target.socket) dropped += this.#sendWaiting(batch);
        index += this.#addMessage(batch, index, target);
      } else {
        dropped += this.#sendSingly(batch, index, target);
        index++;
      }
    }
    return dropped + this.#sendWaiting(batch);
  }

  /** What the environment's memory is not, native code may not touch. */
  #check(batch: PacketBatch): void {
    if (batch.arena === this.#environment.arena && batch.count <= this.#messages.capacity) return;
    throw new MediaError('INTERNAL', 'A batch of another packet arena or of too many packets cannot be sent.');
  }

  /** @returns how many packets the message is made of */
  #addMessage(batch: PacketBatch, first: number, target: Target): number {
    const count = runLength(batch, first, target);
    const message = this.#waiting++;
    for (let index = first; index < first + count; index++) this.#messages.setPart(index, batch.slotOffset(index), batch.sealedBytes[index] ?? 0);
    if (target.address) this.#messages.setMessage(message, target.address, first, count, batch.sealedBytes[first] ?? 0);
    this.#firstPacket[message] = first;
    this.#packetCount[message] = count;
    this.#messageTargets[message] = target;
    return count;
  }

  /** @returns how many packets were dropped */
  #sendWaiting(batch: PacketBatch): number {
    const count = this.#waiting;
    const socket = this.#messageTargets[0]?.socket;
    this.#waiting = 0;
    if (count === 0 || !socket) return 0;
    const descriptor = socket.socket.descriptor;
    if (descriptor === undefined || this.#port.isClosed) return this.#dropMessages(batch, 0, count, 'closed');
    let dropped = 0;
    for (let message = 0; message < count; ) {
      const sent = this.#messages.send(descriptor, message, count - message);
      if (sent > 0) {
        this.#countSent(message, sent);
        message += sent;
      } else if (BUSY.has(-sent)) {
        // Media is for now or never: what waits would only come too late.
        return dropped + this.#dropMessages(batch, message, count, 'queueFull');
      } else if (-sent !== ERRNO.EINTR) {
        dropped += this.#retry(batch, descriptor, message, -sent);
        message++;
      }
    }
    return dropped;
  }

  /**
   * The system has refused a message: its packets go one by one, where that can help.
   * @returns how many packets were dropped
   */
  #retry(batch: PacketBatch, descriptor: number, message: number, error: number): number {
    const target = this.#messageTargets[message];
    const count = this.#packetCount[message] ?? 0;
    const isSegmented = count > 1;
    if (!target?.address || !target.socket || !isSegmented) return this.#dropMessages(batch, message, message + 1, 'refused');
    const first = this.#firstPacket[message] ?? 0;
    if (error === NO_OFFLOAD) target.socket.canSegment = false;
    if (TOO_LONG.has(error)) target.maxSegmentBytes = (batch.sealedBytes[first] ?? 0) - 1;
    let dropped = 0;
    for (let index = first; index < first + count; index++) {
      this.#messages.setMessage(message, target.address, index, 1, 0);
      const result = this.#messages.send(descriptor, message, 1);
      if (result > 0) this.#port.countSent(1);
      else dropped += this.#dropPackets(batch, index, index + 1, BUSY.has(-result) ? 'queueFull' : 'refused');
    }
    return dropped;
  }

  #countSent(first: number, count: number): void {
    let packets = 0;
    for (let message = first; message < first + count; message++) packets += this.#packetCount[message] ?? 0;
    this.#port.countSent(packets);
  }

  #dropMessages(batch: PacketBatch, first: number, end: number, reason: UdpDropReason): number {
    let dropped = 0;
    for (let message = first; message < end; message++) {
      const packet = this.#firstPacket[message] ?? 0;
      dropped += this.#dropPackets(batch, packet, packet + (this.#packetCount[message] ?? 0), reason);
    }
    return dropped;
  }

  #dropPackets(batch: PacketBatch, first: number, end: number, reason: UdpDropReason): number {
    batch.dropped.fill(1, first, end);
    this.#port.countDropped(reason, end - first);
    return end - first;
  }

  /** For peers over TCP, and of address zones, which are few: Node's way, with bytes that it may keep. */
  #sendSingly(batch: PacketBatch, index: number, target: Target | undefined): number {
    const slot = batch.slotOffset(index);
    const packet = Buffer.from(batch.arena.bytes.subarray(slot, slot + (batch.sealedBytes[index] ?? 0)));
    if (target && this.#port.send(packet, target.peer)) return 0;
    batch.dropped[index] = 1;
    return 1;
  }

  #socketFor(to: PeerAddress): NativeSocket | undefined {
    const socket = this.#port.socketFor(to);
    if (!socket) return undefined;
    const known = this.#sockets.get(socket);
    if (known) return known;
    const { descriptor } = socket;
    if (descriptor === undefined) return undefined;
    const created = { socket, canSegment: this.#messages.canSegment(descriptor) };
    this.#sockets.set(socket, created);
    return created;
  }
}

/** A zone is a number of this machine that only Node's resolver knows. */
function isNative(to: PeerAddress): boolean {
  return to.connection === undefined && !to.address.includes('%');
}

/** Packets from `first` on that one message can carry: to one peer, of one length; a shorter one ends it. */
function runLength(batch: PacketBatch, first: number, target: Target): number {
  const bytes = batch.sealedBytes[first] ?? 0;
  if (!target.socket?.canSegment || bytes > target.maxSegmentBytes || bytes === 0) return 1;
  const most = Math.min(batch.count, first + MAX_SEGMENTS, first + Math.floor(MAX_MESSAGE_BYTES / bytes));
  const destination = batch.destinationId[first];
  let index = first + 1;
  for (; index < most && batch.destinationId[index] === destination; index++) {
    const next = batch.sealedBytes[index] ?? 0;
    if (next > bytes || next === 0) break;
    if (next < bytes) return index + 1 - first;
  }
  return index - first;
}
