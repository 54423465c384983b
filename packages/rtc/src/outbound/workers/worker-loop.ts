import type { SealingContext } from '../../srtp/batch/batch-sealer.ts';
import type { Destination } from '../../udp/batch-sender.ts';
import type { Outbound, OutboundOwner, OutboundPacket } from '../outbound.ts';
import type { PacketArena } from '../packet-arena.ts';
import { MAX_PACKET_BYTES } from '../packet-batch.ts';
import { type RingMemory, RingReader } from './shared-ring.ts';
import { PACKET_HEADER_BYTES, PAYLOAD_HEADER_BYTES, RECORD, type WorkerOrder, type WorkerPacket, readPacketRecord } from './worker-records.ts';

/** Payloads between two flushes: more than the engine stages at once. */
const STAGING_BYTES = 6 * 1024 * 1024;
const ALIGNMENT = 64;

/** What {@link WorkerLoop} takes. */
export interface WorkerLoopOptions {
  readonly memory: RingMemory;
  readonly arena: PacketArena;
  readonly outbound: Outbound;
  /** A packet whose context, destination or payload is gone. */
  onNotSealed(): void;
}

/** Takes records off the ring and has them sealed and sent, as the engine would do it itself. */
export class WorkerLoop implements OutboundOwner {
  readonly #options: WorkerLoopOptions;
  readonly #ring: RingReader;
  readonly #contexts = new Map<number, SealingContext>();
  readonly #destinations = new Map<number, Destination>();
  /** By offset in the engine's arena, the offset in ours. */
  readonly #payloads = new Map<number, number>();
  readonly #staging: number;
  #staged = 0;
  readonly #packet: WorkerPacket = { headerBytes: 0, payloadOffset: 0, payloadBytes: 0, rolloverCounter: 0, contextId: 0, destinationId: 0, inline: false };
  readonly #outboundPacket: OutboundPacket = { headerBytes: 0, payloadOffset: 0, payloadBytes: 0, rolloverCounter: 0, contextId: 0, destinationId: 0 };
  readonly #take = (offset: number, length: number): void => this.#read(offset, length);

  constructor(options: WorkerLoopOptions) {
    this.#options = options;
    this.#ring = new RingReader(options.memory);
    this.#staging = options.arena.allocate(STAGING_BYTES);
  }

  /** Takes what has come; first waits for something, but no longer than `timeoutMs`. */
  turn(timeoutMs: number): void {
    this.#ring.wait(timeoutMs);
    if (this.#ring.drain(this.#take) > 0) this.#options.outbound.flush();
  }

  onPacketDropped(): void {
    // The sender has counted it.
  }

  onOutboundFailed(): void {
    // It is in this very thread.
  }

  #read(at: number, length: number): void {
    switch (this.#ring.bytes.readUInt32LE(at)) {
      case RECORD.order:
        this.#follow(JSON.parse(this.#ring.bytes.toString('utf8', at + 4, at + length)));
        return;
      case RECORD.payload:
        this.#stage(at);
        return;
      case RECORD.packet:
        this.#pass(at);
        return;
      default:
        this.#flush();
    }
  }

  #follow(order: WorkerOrder): void {
    const { outbound } = this.#options;
    if ('close' in order) {
      const handles: Map<number, { close(): void }> = order.close === 'context' ? this.#contexts : this.#destinations;
      handles.get(order.id)?.close();
      handles.delete(order.id);
    } else if (order.open === 'context') {
      const [key, salt] = [Buffer.from(order.key, 'base64'), Buffer.from(order.salt, 'base64')];
      this.#contexts.set(order.id, outbound.createContext(order.profile, key, salt));
    } else {
      this.#destinations.set(order.id, outbound.destinationOf(order));
    }
  }

  #stage(at: number): void {
    const { bytes } = this.#ring;
    const length = bytes.readUInt32LE(at + 8);
    if (this.#staged + length > STAGING_BYTES) this.#flush();
    const offset = this.#staging + this.#staged;
    bytes.copy(this.#options.arena.bytes, offset, at + PAYLOAD_HEADER_BYTES, at + PAYLOAD_HEADER_BYTES + length);
    this.#payloads.set(bytes.readUInt32LE(at + 4), offset);
    this.#staged += (length + ALIGNMENT - 1) & -ALIGNMENT;
  }

  #pass(at: number): void {
    const { outbound, arena } = this.#options;
    const packet = this.#packet;
    readPacketRecord(this.#ring.bytes, at, packet);
    const context = this.#contexts.get(packet.contextId);
    const destination = this.#destinations.get(packet.destinationId);
    const slot = outbound.reserve();
    const payloadOffset = packet.inline ? slot + packet.headerBytes : this.#payloads.get(packet.payloadOffset);
    if (!context || !destination || slot < 0 || payloadOffset === undefined || packet.headerBytes + packet.payloadBytes > MAX_PACKET_BYTES) {
      this.#options.onNotSealed();
      return;
    }
    const start = at + PACKET_HEADER_BYTES;
    this.#ring.bytes.copy(arena.bytes, slot, start, start + packet.headerBytes + (packet.inline ? packet.payloadBytes : 0));
    const own = this.#outboundPacket;
    own.headerBytes = packet.headerBytes;
    own.payloadOffset = payloadOffset;
    own.payloadBytes = packet.payloadBytes;
    own.rolloverCounter = packet.rolloverCounter;
    own.contextId = context.id;
    own.destinationId = destination.id;
    outbound.add(own, this);
  }

  #flush(): void {
    this.#options.outbound.flush();
    this.#payloads.clear();
    this.#staged = 0;
  }
}
