import { MediaError } from '@sluice/core';
import { IdTable } from '../../id-table.ts';
import type { NativeEnvironment } from '../../native/native-environment.ts';
import { MAX_PACKET_BYTES, type PacketBatch } from '../../outbound/packet-batch.ts';
import type { ArenaCipher } from '../native/arena-cipher.ts';
import { createArenaCipher } from '../native/create-arena-cipher.ts';
import { SRTP_PROFILES, type SrtpProfile } from '../profiles.ts';
import { deriveSrtpKeys } from '../session-keys.ts';
import type { BatchSealer, SealingContext } from './batch-sealer.ts';

/** Seals packets where they stand, by OpenSSL: from the payload that all viewers share straight into each one's slot. */
export class NativeSealer implements BatchSealer {
  readonly #environment: NativeEnvironment;
  readonly #contexts = new IdTable<ArenaCipher>();

  constructor(environment: NativeEnvironment) {
    this.#environment = environment;
  }

  createContext(profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer): SealingContext {
    const cipher = createArenaCipher(this.#environment, profile, deriveSrtpKeys(profile, masterKey, masterSalt));
    const id = this.#contexts.add(cipher);
    return {
      id,
      tagBytes: SRTP_PROFILES[profile].tagBytes,
      close: () => {
        cipher.free();
        // The number may be another context's by now.
        if (this.#contexts.get(id) === cipher) this.#contexts.remove(id);
      },
    };
  }

  seal(batch: PacketBatch): void {
    if (batch.arena !== this.#environment.arena) throw new MediaError('INTERNAL', 'A batch of another packet arena cannot be sealed.');
    for (let index = 0; index < batch.count; index++) batch.sealedBytes[index] = this.#sealOne(batch, index);
  }

  close(): void {
    for (const cipher of this.#contexts.values()) cipher.free();
    this.#contexts.clear();
  }

  #sealOne(batch: PacketBatch, index: number): number {
    const cipher = this.#contexts.get(batch.contextId[index] ?? 0);
    if (!cipher) throw new MediaError('INTERNAL', 'A packet is to be sealed with a context that was closed.');
    const headerBytes = batch.headerBytes[index] ?? 0;
    const payloadBytes = batch.payloadBytes[index] ?? 0;
    if (headerBytes + payloadBytes > MAX_PACKET_BYTES) throw new MediaError('INTERNAL', `A packet of ${headerBytes + payloadBytes} bytes does not fit into its slot.`);
    return cipher.sealRtp(batch.slotOffset(index), headerBytes, batch.payloadOffset[index] ?? 0, payloadBytes, batch.rolloverCounter[index] ?? 0);
  }
}
