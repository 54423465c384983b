import { EvpCipher } from '../../native/evp-cipher.ts';
import type { NativeEnvironment } from '../../native/native-environment.ts';
import { RTCP_HEADER_BYTES, SRTCP_ENCRYPTED, SRTCP_INDEX_BYTES } from '../packet-cipher.ts';
import { SRTP_PROFILES } from '../profiles.ts';
import type { SessionKeys, SrtpKeys } from '../session-keys.ts';
import type { ArenaCipher } from './arena-cipher.ts';
import { PacketIv } from './packet-iv.ts';

const PROFILE = 'AEAD_AES_128_GCM';
const TAG_BYTES = SRTP_PROFILES[PROFILE].tagBytes;

/** AES-GCM (RFC 7714 sections 8 and 9). Most sessions use few of the four ciphers, so each is made when it is needed. */
export class GcmArenaCipher implements ArenaCipher {
  readonly rtcpTrailer = { behindIndex: 0, bytes: TAG_BYTES + SRTCP_INDEX_BYTES };
  readonly #environment: NativeEnvironment;
  readonly #keys: SrtpKeys;
  readonly #rtpIv: PacketIv;
  readonly #rtcpIv: PacketIv;
  #rtpSeal: EvpCipher | undefined;
  #rtpOpen: EvpCipher | undefined;
  #rtcpSeal: EvpCipher | undefined;
  #rtcpOpen: EvpCipher | undefined;

  constructor(environment: NativeEnvironment, keys: SrtpKeys) {
    const { memory, scratch } = environment;
    this.#environment = environment;
    this.#keys = keys;
    this.#rtpIv = new PacketIv(memory.bytes, scratch.iv, PROFILE, keys.rtp.salt);
    this.#rtcpIv = new PacketIv(memory.bytes, scratch.iv, PROFILE, keys.rtcp.salt);
  }

  sealRtp(packet: number, headerBytes: number, payload: number, payloadBytes: number, rolloverCounter: number): number {
    const cipher = (this.#rtpSeal ??= this.#create('seal', this.#keys.rtp));
    this.#rtpIv.writeRtp(packet, rolloverCounter);
    cipher.start(this.#environment.scratch.iv);
    cipher.authenticate(packet, headerBytes);
    cipher.crypt(payload, packet + headerBytes, payloadBytes);
    cipher.writeTag(packet + headerBytes + payloadBytes);
    return headerBytes + payloadBytes + TAG_BYTES;
  }

  openRtp(packet: number, headerBytes: number, bytes: number, rolloverCounter: number): number {
    const plainBytes = bytes - TAG_BYTES;
    if (plainBytes < headerBytes) return -1;
    const cipher = (this.#rtpOpen ??= this.#create('open', this.#keys.rtp));
    this.#rtpIv.writeRtp(packet, rolloverCounter);
    cipher.start(this.#environment.scratch.iv);
    cipher.authenticate(packet, headerBytes);
    cipher.crypt(packet + headerBytes, packet + headerBytes, plainBytes - headerBytes);
    return cipher.isAuthentic(packet + plainBytes) ? plainBytes : -1;
  }

  sealRtcp(packet: number, bytes: number, index: number): number {
    const cipher = (this.#rtcpSeal ??= this.#create('seal', this.#keys.rtcp));
    const indexOffset = packet + bytes + TAG_BYTES;
    this.#environment.memory.bytes.writeUInt32BE((SRTCP_ENCRYPTED | index) >>> 0, indexOffset);
    this.#rtcpIv.writeRtcp(packet, index);
    cipher.start(this.#environment.scratch.iv);
    cipher.authenticate(packet, RTCP_HEADER_BYTES);
    cipher.authenticate(indexOffset, SRTCP_INDEX_BYTES);
    cipher.crypt(packet + RTCP_HEADER_BYTES, packet + RTCP_HEADER_BYTES, bytes - RTCP_HEADER_BYTES);
    cipher.writeTag(packet + bytes);
    return bytes + this.rtcpTrailer.bytes;
  }

  openRtcp(packet: number, bytes: number, indexWord: number): number {
    const cipher = (this.#rtcpOpen ??= this.#create('open', this.#keys.rtcp));
    const plainBytes = bytes - this.rtcpTrailer.bytes;
    const isEncrypted = indexWord >= SRTCP_ENCRYPTED;
    // Without encryption the whole packet is associated data and the plaintext is empty (RFC 7714 section 9.3).
    const headerBytes = isEncrypted ? RTCP_HEADER_BYTES : plainBytes;
    this.#rtcpIv.writeRtcp(packet, indexWord % SRTCP_ENCRYPTED);
    cipher.start(this.#environment.scratch.iv);
    cipher.authenticate(packet, headerBytes);
    cipher.authenticate(packet + bytes - SRTCP_INDEX_BYTES, SRTCP_INDEX_BYTES);
    cipher.crypt(packet + headerBytes, packet + headerBytes, plainBytes - headerBytes);
    return cipher.isAuthentic(packet + plainBytes) ? plainBytes : -1;
  }

  free(): void {
    for (const cipher of [this.#rtpSeal, this.#rtpOpen, this.#rtcpSeal, this.#rtcpOpen]) cipher?.free();
  }

  #create(direction: 'seal' | 'open', keys: SessionKeys): EvpCipher {
    return new EvpCipher(this.#environment, 'gcm', direction, keys.key.export());
  }
}
