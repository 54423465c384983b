import type { PacketBatch } from '../outbound/packet-batch.ts';
import type { PeerAddress } from './peer-address.ts';

/** Where packets of a batch go. */
export interface Destination {
  /** Stands in {@link PacketBatch.destinationId}. Used again after {@link close}. */
  readonly id: number;
  /** No packet to it may be in a batch. Idempotent. */
  close(): void;
}

/** Sends batches of sealed packets. */
export interface BatchSender {
  /** Whether the system still reads from the slots of the batch that was sent last, which must not be written then. */
  readonly busy: boolean;
  destinationOf(to: PeerAddress): Destination;
  /**
   * Sends the packets in their order, without waiting; what cannot be sent at once is dropped and marked in `dropped`.
   * @returns how many were dropped
   */
  send(batch: PacketBatch): number;
}
