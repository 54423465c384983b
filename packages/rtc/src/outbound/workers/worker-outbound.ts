import { MediaError } from '@sluice/core';
import type { SealingContext } from '../../srtp/batch/batch-sealer.ts';
import { SRTP_PROFILES, type SrtpProfile } from '../../srtp/profiles.ts';
import type { Destination } from '../../udp/batch-sender.ts';
import type { PeerAddress } from '../../udp/peer-address.ts';
import type { Outbound, OutboundOwner, OutboundPacket } from '../outbound.ts';
import type { PacketArena } from '../packet-arena.ts';
import { MAX_PACKET_BYTES } from '../packet-batch.ts';
import { RingWriter, type RingMemory } from './shared-ring.ts';
import { PACKET_HEADER_BYTES, PAYLOAD_HEADER_BYTES, RECORD, type WorkerOrder, writePacketRecord } from './worker-records.ts';

/** Orders that wait for room in the ring; a worker that leaves so many waiting does not work. */
const MAX_WAITING_ORDERS = 4096;
const LONGEST_RECORD_BYTES = PACKET_HEADER_BYTES + MAX_PACKET_BYTES;

/** Hands packets to a worker over a ring that both share; the worker seals and sends them. */
export class WorkerOutbound implements Outbound {
  /** Packets for which the ring had no room. */
  overflows = 0;
  readonly #bytes: Buffer;
  readonly #ring: RingWriter;
  /** Where a header, and maybe a payload behind it, are written before they go into the ring. */
  readonly #slot: number;
  /** Arena offsets of the payloads that are in the ring since the last flush. */
  readonly #payloads = new Set<number>();
  readonly #waitingOrders: Buffer[] = [];
  #nextId = 0;
  #packets = 0;
  #isOpen = true;

  /** @param slot arena offset of SLOT_BYTES that are this one's until it is closed */
  constructor(arena: PacketArena, memory: RingMemory, slot: number) {
    this.#bytes = arena.bytes;
    this.#ring = new RingWriter(memory);
    this.#slot = slot;
  }

  /** Bytes that the worker has not read. */
  get unread(): number {
    return this.#ring.unread;
  }

  /** Changes as long as the worker works. */
  get readPosition(): number {
    return this.#ring.readPosition;
  }

  createContext(profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer): SealingContext {
    const { keyBytes, saltBytes, tagBytes } = SRTP_PROFILES[profile];
    if (masterKey.length !== keyBytes || masterSalt.length !== saltBytes) throw new MediaError('INTERNAL', `${profile} needs another length of master key or salt.`);
    this.#requireRoom();
    const id = this.#nextId++;
    this.#order({ open: 'context', id, profile, key: masterKey.toString('base64'), salt: masterSalt.toString('base64') });
    return { id, tagBytes, close: () => this.#order({ close: 'context', id }) };
  }

  destinationOf({ address, port, localAddress }: PeerAddress): Destination {
    this.#requireRoom();
    const id = this.#nextId++;
    this.#order({ open: 'destination', id, address, port, localAddress });
    return { id, close: () => this.#order({ close: 'destination', id }) };
  }

  reserve(): number {
    // One record for the packet, and one for its payload.
    if (this.#isOpen && this.#placeWaitingOrders() && this.#ring.hasRoom(LONGEST_RECORD_BYTES, 2)) return this.#slot;
    this.overflows++;
    this.#ring.publish();
    return -1;
  }

  /** Drops are counted by the worker, all together. */
  add(packet: OutboundPacket, _owner: OutboundOwner): void {
    const { headerBytes, payloadOffset, payloadBytes } = packet;
    const inline = payloadOffset === this.#slot + headerBytes;
    if (!inline) this.#placePayload(payloadOffset, payloadBytes);
    const at = this.#ring.append(PACKET_HEADER_BYTES + headerBytes + (inline ? payloadBytes : 0));
    writePacketRecord(this.#ring.bytes, at, packet, inline);
    this.#bytes.copy(this.#ring.bytes, at + PACKET_HEADER_BYTES, this.#slot, this.#slot + headerBytes + (inline ? payloadBytes : 0));
    this.#packets++;
  }

  flush(): void {
    if (!this.#isOpen) return;
    this.#placeWaitingOrders();
    if (this.#packets > 0) this.#placeFlush();
    this.#ring.publish();
  }

  /** Lets the worker look whether there is anything. */
  wake(): void {
    this.#ring.publish();
  }

  /** Nothing is taken any more. */
  close(): void {
    this.#isOpen = false;
    this.#waitingOrders.length = 0;
  }

  /** The same payload goes to many viewers, and into the ring once. */
  #placePayload(offset: number, length: number): void {
    if (this.#payloads.has(offset)) return;
    const at = this.#ring.append(PAYLOAD_HEADER_BYTES + length);
    this.#ring.bytes.writeUInt32LE(RECORD.payload, at);
    this.#ring.bytes.writeUInt32LE(offset, at + 4);
    this.#ring.bytes.writeUInt32LE(length, at + 8);
    this.#bytes.copy(this.#ring.bytes, at + PAYLOAD_HEADER_BYTES, offset, offset + length);
    this.#payloads.add(offset);
  }

  #placeFlush(): void {
    const at = this.#ring.append(4);
    // Without room the worker sends when it has read what there is.
    if (at >= 0) this.#ring.bytes.writeUInt32LE(RECORD.flush, at);
    this.#packets = 0;
    this.#payloads.clear();
  }

  /** For what is opened only: a session must be able to end, and nothing is closed that was not opened. */
  #requireRoom(): void {
    if (this.#waitingOrders.length >= MAX_WAITING_ORDERS) throw new MediaError('INTERNAL', 'A worker of the media engine takes no orders any more.');
  }

  /** Orders keep their place before the packets that come after them. */
  #order(order: WorkerOrder): void {
    if (!this.#isOpen) return;
    this.#waitingOrders.push(Buffer.from(JSON.stringify(order)));
    this.#placeWaitingOrders();
    this.#ring.publish();
  }

  /** @returns whether none waits any more */
  #placeWaitingOrders(): boolean {
    for (let order = this.#waitingOrders[0]; order; order = this.#waitingOrders[0]) {
      const at = this.#ring.append(4 + order.length);
      if (at < 0) return false;
      this.#ring.bytes.writeUInt32LE(RECORD.order, at);
      this.#ring.bytes.set(order, at + 4);
      this.#waitingOrders.shift();
    }
    return true;
  }
}
