import { MediaError } from '@sluice/core';
import type { PacketBatch } from '../../outbound/packet-batch.ts';
import { createPacketCipher } from '../create-packet-cipher.ts';
import type { PacketCipher } from '../packet-cipher.ts';
import { SRTP_PROFILES, type SrtpProfile } from '../profiles.ts';
import type { BatchSealer, SealingContext } from './batch-sealer.ts';
import { IdTable } from '../../id-table.ts';

/** Seals one packet after the other with the ciphers of single packets: slow, and what the others are compared with. */
export class PacketWiseSealer implements BatchSealer {
  readonly #ciphers = new IdTable<PacketCipher>();

  createContext(profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer): SealingContext {
    const cipher = createPacketCipher(profile, masterKey, masterSalt);
    const id = this.#ciphers.add(cipher);
    const close = (): void => {
      // The number may be another context's by now.
      if (this.#ciphers.get(id) === cipher) this.#ciphers.remove(id);
    };
    return { id, tagBytes: SRTP_PROFILES[profile].tagBytes, close };
  }

  seal(batch: PacketBatch): void {
    for (let index = 0; index < batch.count; index++) this.#sealOne(batch, index);
  }

  close(): void {
    this.#ciphers.clear();
  }

  #sealOne(batch: PacketBatch, index: number): void {
    const cipher = this.#ciphers.get(batch.contextId[index] ?? 0);
    if (!cipher) throw new MediaError('INTERNAL', 'A packet is to be sealed with a context that was closed.');
    const { bytes } = batch.arena;
    const slot = batch.slotOffset(index);
    const headerBytes = batch.headerBytes[index] ?? 0;
    const payloadOffset = batch.payloadOffset[index] ?? 0;
    const payloadEnd = payloadOffset + (batch.payloadBytes[index] ?? 0);
    bytes.copyWithin(slot + headerBytes, payloadOffset, payloadEnd);
    const packet = bytes.subarray(slot, slot + headerBytes + payloadEnd - payloadOffset);
    const sealed = cipher.protectRtp(packet, headerBytes, batch.rolloverCounter[index] ?? 0);
    batch.sealedBytes[index] = sealed.copy(bytes, slot);
  }
}
