import { randomBytes } from 'node:crypto';
import { type BatchSealer, PacketArena, PacketBatch, SLOT_BYTES, SRTP_PROFILES, type SrtpProfile } from '@sluice/rtc/benchmark';

/** RTP header with an extension of 4 bytes, as MID and transport-cc take. */
const HEADER = Buffer.from('9060000100000002000000030000000000000000', 'hex');
export const PACKET_BYTES = 1200;
const PAYLOAD_BYTES = PACKET_BYTES - HEADER.length;
const SEQUENCE_NUMBER_OFFSET = 2;

/** What {@link FanOutLoad} takes. */
export interface FanOutLoadOptions {
  readonly createSealer: (arena: PacketArena) => BatchSealer;
  readonly profile: SrtpProfile;
  readonly viewers: number;
  /** Packets that go to each viewer at a time. */
  readonly burst: number;
}

/** Bursts of packets to many viewers, written into batches as forwarding does, viewer by viewer. */
export class FanOutLoad {
  readonly #arena = new PacketArena();
  readonly #batch = new PacketBatch(this.#arena);
  readonly #sealer: BatchSealer;
  readonly #contextIds: readonly number[];
  readonly #burst: number;
  /** Arena offset of the payloads, which all viewers share. */
  readonly #payloads: number;
  #sequenceNumber = 0;
  #sealingMicros = 0;

  constructor({ createSealer, profile, viewers, burst }: FanOutLoadOptions) {
    const { keyBytes, saltBytes } = SRTP_PROFILES[profile];
    this.#sealer = createSealer(this.#arena);
    this.#contextIds = Array.from({ length: viewers }, () => this.#sealer.createContext(profile, randomBytes(keyBytes), randomBytes(saltBytes)).id);
    this.#burst = burst;
    this.#payloads = this.#arena.allocate(burst * SLOT_BYTES);
    this.#arena.bytes.set(randomBytes(burst * SLOT_BYTES), this.#payloads);
  }

  /** CPU time of sealing, in microseconds per packet. */
  measure(bursts: number): number {
    this.#sealingMicros = 0;
    for (let count = 0; count < bursts; count++) this.#passBurst();
    return this.#sealingMicros / (bursts * this.#burst * this.#contextIds.length);
  }

  close(): void {
    this.#sealer.close();
  }

  #passBurst(): void {
    for (const contextId of this.#contextIds) {
      for (let index = 0; index < this.#burst; index++) this.#add(contextId, index);
    }
    this.#seal();
    this.#sequenceNumber = (this.#sequenceNumber + this.#burst) % 2 ** 16;
  }

  #add(contextId: number, index: number): void {
    const batch = this.#batch;
    if (batch.count === batch.capacity) this.#seal();
    const entry = batch.count++;
    const slot = batch.slotOffset(entry);
    this.#arena.bytes.set(HEADER, slot);
    this.#arena.bytes.writeUInt16BE((this.#sequenceNumber + index) % 2 ** 16, slot + SEQUENCE_NUMBER_OFFSET);
    batch.headerBytes[entry] = HEADER.length;
    batch.payloadOffset[entry] = this.#payloads + index * SLOT_BYTES;
    batch.payloadBytes[entry] = PAYLOAD_BYTES;
    batch.rolloverCounter[entry] = 0;
    batch.contextId[entry] = contextId;
  }

  #seal(): void {
    const before = process.cpuUsage();
    this.#sealer.seal(this.#batch);
    const { user, system } = process.cpuUsage(before);
    this.#sealingMicros += user + system;
    this.#batch.count = 0;
  }
}
