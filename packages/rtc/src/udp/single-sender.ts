import { IdTable } from '../id-table.ts';
import type { PacketBatch } from '../outbound/packet-batch.ts';
import type { BatchSender, Destination } from './batch-sender.ts';
import type { PeerAddress } from './peer-address.ts';
import type { SenderPort } from './sender-port.ts';

/** Sends one packet after the other through the sockets of Node; works everywhere, and for peers over TCP. */
export class SingleSender implements BatchSender {
  readonly #port: SenderPort;
  readonly #addresses = new IdTable<PeerAddress>();

  constructor(port: SenderPort) {
    this.#port = port;
  }

  get busy(): boolean {
    return this.#port.hasQueue;
  }

  destinationOf(to: PeerAddress): Destination {
    const address = { ...to };
    const id = this.#addresses.add(address);
    const close = (): void => {
      // The number may be another destination's by now.
      if (this.#addresses.get(id) === address) this.#addresses.remove(id);
    };
    return { id, close };
  }

  send(batch: PacketBatch): number {
    let dropped = 0;
    for (let index = 0; index < batch.count; index++) {
      const to = this.#addresses.get(batch.destinationId[index] ?? 0);
      const slot = batch.slotOffset(index);
      const packet = batch.arena.bytes.subarray(slot, slot + (batch.sealedBytes[index] ?? 0));
      const isSent = to !== undefined && this.#port.send(packet, to);
      batch.dropped[index] = isSent ? 0 : 1;
      if (!isSent) dropped++;
    }
    return dropped;
  }
}
