import type { BatchSealer } from '../srtp/batch/batch-sealer.ts';
import type { BatchSender } from '../udp/batch-sender.ts';
import type { PacketArena } from './packet-arena.ts';
import { PacketBatch } from './packet-batch.ts';

/** What {@link OutboundQueue.add} takes beside what stands in the slot; made once and filled for each packet. */
export interface OutboundPacket {
  headerBytes: number;
  /** Arena offset. */
  payloadOffset: number;
  payloadBytes: number;
  rolloverCounter: number;
  contextId: number;
  destinationId: number;
}

/** Is told when a packet of its was sealed and could not be sent. */
export interface OutboundOwner {
  onPacketDropped(bytes: number): void;
}

/** What {@link OutboundQueue} takes. */
export interface OutboundQueueOptions {
  readonly arena: PacketArena;
  readonly sealer: BatchSealer;
  readonly sender: BatchSender;
  /** Packets of one batch. */
  readonly capacity?: number | undefined;
}

/**
 * Gathers packets to viewers, and seals and sends them together. Everybody who comes into the media plane from
 * outside, by a datagram or a timer, ends with {@link flush}; a full batch goes by itself.
 */
export class OutboundQueue {
  readonly arena: PacketArena;
  readonly sealer: BatchSealer;
  readonly sender: BatchSender;
  readonly #batch: PacketBatch;
  readonly #owners: (OutboundOwner | undefined)[];

  constructor({ arena, sealer, sender, capacity }: OutboundQueueOptions) {
    this.arena = arena;
    this.sealer = sealer;
    this.sender = sender;
    this.#batch = new PacketBatch(arena, capacity);
    this.#owners = Array.from({ length: this.#batch.capacity }, () => undefined);
  }

  /**
   * Where the next packet's header is to be written; follow it with {@link add}, or not.
   * @returns an arena offset, -1 while the system is too busy to take anything
   */
  reserve(): number {
    const batch = this.#batch;
    if (batch.count === batch.capacity) this.flush();
    if (batch.count === 0 && this.sender.busy) return -1;
    return batch.slotOffset(batch.count);
  }

  /** Takes the packet whose header stands in the slot that was reserved last. */
  add(packet: OutboundPacket, owner: OutboundOwner): void {
    const batch = this.#batch;
    const index = batch.count++;
    batch.headerBytes[index] = packet.headerBytes;
    batch.payloadOffset[index] = packet.payloadOffset;
    batch.payloadBytes[index] = packet.payloadBytes;
    batch.rolloverCounter[index] = packet.rolloverCounter;
    batch.contextId[index] = packet.contextId;
    batch.destinationId[index] = packet.destinationId;
    this.#owners[index] = owner;
  }

  /** Seals and sends what there is. */
  flush(): void {
    const batch = this.#batch;
    if (batch.count === 0) return;
    this.sealer.seal(batch);
    if (this.sender.send(batch) > 0) this.#reportDropped();
    batch.count = 0;
  }

  #reportDropped(): void {
    const batch = this.#batch;
    for (let index = 0; index < batch.count; index++) {
      if (batch.dropped[index] === 1) this.#owners[index]?.onPacketDropped(batch.sealedBytes[index] ?? 0);
    }
  }
}
