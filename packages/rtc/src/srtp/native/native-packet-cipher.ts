import { MediaError } from '@sluice/core';
import type { NativeEnvironment } from '../../native/native-environment.ts';
import { type CreatePacketCipher, type PacketCipher, RTCP_HEADER_BYTES, SRTCP_INDEX_BYTES } from '../packet-cipher.ts';
import { deriveSrtpKeys } from '../session-keys.ts';
import type { ArenaCipher } from './arena-cipher.ts';
import { createArenaCipher } from './create-arena-cipher.ts';

/** The longest that a profile adds to a packet: tag and index word. */
const MAX_TRAILER_BYTES = 20;

/** What makes the ciphers of single packets by native code. */
export function createNativePacketCipher(environment: NativeEnvironment): CreatePacketCipher {
  return (profile, masterKey, masterSalt) => new NativePacketCipher(environment, createArenaCipher(environment, profile, deriveSrtpKeys(profile, masterKey, masterSalt)));
}

/** Copies packets into the arena and back, where native code does the work: cheaper by far than making a cipher per packet. */
export class NativePacketCipher implements PacketCipher {
  readonly #cipher: ArenaCipher;
  readonly #bytes: Buffer;
  /** Where the packet at work stands, and how long it may be. */
  readonly #offset: number;
  readonly #maxBytes: number;

  constructor({ memory, scratch }: NativeEnvironment, cipher: ArenaCipher) {
    this.#cipher = cipher;
    this.#bytes = memory.bytes;
    this.#offset = scratch.packet;
    this.#maxBytes = scratch.packetBytes - MAX_TRAILER_BYTES;
  }

  protectRtp(packet: Buffer, headerBytes: number, rolloverCounter: number): Buffer {
    const offset = this.#take(packet);
    return this.#give(this.#cipher.sealRtp(offset, headerBytes, offset + headerBytes, packet.length - headerBytes, rolloverCounter));
  }

  unprotectRtp(packet: Buffer, headerBytes: number, rolloverCounter: number): Buffer | undefined {
    const bytes = this.#cipher.openRtp(this.#take(packet), headerBytes, packet.length, rolloverCounter);
    return bytes < 0 ? undefined : this.#give(bytes);
  }

  protectRtcp(packet: Buffer, index: number): Buffer {
    return this.#give(this.#cipher.sealRtcp(this.#take(packet), packet.length, index));
  }

  srtcpIndexWord(packet: Buffer): number | undefined {
    const { bytes, behindIndex } = this.#cipher.rtcpTrailer;
    if (packet.length < RTCP_HEADER_BYTES + bytes) return undefined;
    return packet.readUInt32BE(packet.length - behindIndex - SRTCP_INDEX_BYTES);
  }

  unprotectRtcp(packet: Buffer, indexWord: number): Buffer | undefined {
    const bytes = this.#cipher.openRtcp(this.#take(packet), packet.length, indexWord);
    return bytes < 0 ? undefined : this.#give(bytes);
  }

  close(): void {
    this.#cipher.free();
  }

  #take(packet: Buffer): number {
    if (packet.length > this.#maxBytes) throw new MediaError('INTERNAL', `A packet of ${packet.length} bytes is longer than any datagram.`);
    this.#bytes.set(packet, this.#offset);
    return this.#offset;
  }

  #give(bytes: number): Buffer {
    const packet = Buffer.allocUnsafe(bytes);
    this.#bytes.copy(packet, 0, this.#offset, this.#offset + bytes);
    return packet;
  }
}
