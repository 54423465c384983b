import type { BatchSealer, SealingContext } from '../srtp/batch/batch-sealer.ts';
import type { SrtpProfile } from '../srtp/profiles.ts';
import type { BatchSender, Destination } from '../udp/batch-sender.ts';
import type { PeerAddress } from '../udp/peer-address.ts';
import type { Outbound, OutboundOwner, OutboundPacket } from './outbound.ts';
import type { PacketArena } from './packet-arena.ts';
import { PacketBatch } from './packet-batch.ts';

/** What {@link OutboundQueue} takes. */
export interface OutboundQueueOptions {
  readonly arena: PacketArena;
  readonly sealer: BatchSealer;
  readonly sender: BatchSender;
  /** Packets of one batch. */
  readonly capacity?: number | undefined;
}

/** Gathers packets to viewers, and seals and sends them together in this thread; a full batch goes by itself. */
export class OutboundQueue implements Outbound {
  readonly #sealer: BatchSealer;
  readonly #sender: BatchSender;
  readonly #batch: PacketBatch;
  readonly #owners: (OutboundOwner | undefined)[];

  constructor({ arena, sealer, sender, capacity }: OutboundQueueOptions) {
    this.#sealer = sealer;
    this.#sender = sender;
    this.#batch = new PacketBatch(arena, capacity);
    this.#owners = Array.from({ length: this.#batch.capacity }, () => undefined);
  }

  createContext(profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer): SealingContext {
    return this.#whileNothingWaits(this.#sealer.createContext(profile, masterKey, masterSalt));
  }

  destinationOf(to: PeerAddress): Destination {
    return this.#whileNothingWaits(this.#sender.destinationOf(to));
  }

  reserve(): number {
    const batch = this.#batch;
    if (batch.count === batch.capacity) this.flush();
    if (batch.count === 0 && this.#sender.busy) return -1;
    return batch.slotOffset(batch.count);
  }

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

  flush(): void {
    const batch = this.#batch;
    if (batch.count === 0) return;
    try {
      this.#sealer.seal(batch);
      if (this.#sender.send(batch) > 0) this.#reportDropped();
    } finally {
      // Also after an error: what was sealed must not be sealed again, over what stands there by then.
      batch.count = 0;
    }
  }

  /** What is under way goes before its context or destination is closed, because others may get the same. */
  #whileNothingWaits<T extends SealingContext | Destination>(handle: T): T {
    const close = (): void => {
      this.flush();
      handle.close();
    };
    return { ...handle, close };
  }

  #reportDropped(): void {
    const batch = this.#batch;
    for (let index = 0; index < batch.count; index++) {
      if (batch.dropped[index] === 1) this.#owners[index]?.onPacketDropped(batch.sealedBytes[index] ?? 0);
    }
  }
}
