import { EvpCipher } from '../../native/evp-cipher.ts';
import { HmacSha1 } from '../../native/hmac-sha1.ts';
import type { NativeEnvironment } from '../../native/native-environment.ts';
import { RTCP_HEADER_BYTES, SRTCP_ENCRYPTED, SRTCP_INDEX_BYTES } from '../packet-cipher.ts';
import { SRTP_PROFILES } from '../profiles.ts';
import type { SessionKeys, SrtpKeys } from '../session-keys.ts';
import type { ArenaCipher } from './arena-cipher.ts';
import { PacketIv } from './packet-iv.ts';

const PROFILE = 'AES_CM_128_HMAC_SHA1_80';
const TAG_BYTES = SRTP_PROFILES[PROFILE].tagBytes;
const ROLLOVER_COUNTER_BYTES = 4;

/** Encryption and authentication with one set of session keys. */
interface KeyPair {
  readonly cipher: EvpCipher;
  readonly hmac: HmacSha1;
  readonly iv: PacketIv;
}

/** AES in counter mode and HMAC-SHA1 (RFC 3711 sections 4.1.1, 4.2.1). Keys of RTP and of RTCP are made ready when they are needed. */
export class CounterModeArenaCipher implements ArenaCipher {
  readonly rtcpTrailer = { behindIndex: TAG_BYTES, bytes: TAG_BYTES + SRTCP_INDEX_BYTES };
  readonly #environment: NativeEnvironment;
  readonly #bytes: Buffer;
  readonly #keys: SrtpKeys;
  #rtp: KeyPair | undefined;
  #rtcp: KeyPair | undefined;

  constructor(environment: NativeEnvironment, keys: SrtpKeys) {
    this.#environment = environment;
    this.#bytes = environment.memory.bytes;
    this.#keys = keys;
  }

  sealRtp(packet: number, headerBytes: number, payload: number, payloadBytes: number, rolloverCounter: number): number {
    const pair = (this.#rtp ??= this.#create(this.#keys.rtp));
    const bytes = headerBytes + payloadBytes;
    pair.iv.writeRtp(packet, rolloverCounter);
    this.#crypt(pair, payload, packet + headerBytes, payloadBytes);
    const tag = this.#rtpTag(pair, packet, bytes, rolloverCounter);
    this.#bytes.copyWithin(packet + bytes, tag, tag + TAG_BYTES);
    return bytes + TAG_BYTES;
  }

  openRtp(packet: number, headerBytes: number, bytes: number, rolloverCounter: number): number {
    const pair = (this.#rtp ??= this.#create(this.#keys.rtp));
    const plainBytes = bytes - TAG_BYTES;
    if (plainBytes < headerBytes) return -1;
    // The rollover counter goes to where the tag stands.
    const { block } = this.#environment.scratch;
    this.#bytes.copyWithin(block, packet + plainBytes, packet + bytes);
    if (!this.#isSameTag(this.#rtpTag(pair, packet, plainBytes, rolloverCounter), block)) return -1;
    pair.iv.writeRtp(packet, rolloverCounter);
    this.#crypt(pair, packet + headerBytes, packet + headerBytes, plainBytes - headerBytes);
    return plainBytes;
  }

  sealRtcp(packet: number, bytes: number, index: number): number {
    const pair = (this.#rtcp ??= this.#create(this.#keys.rtcp));
    const tagOffset = bytes + SRTCP_INDEX_BYTES;
    pair.iv.writeRtcp(packet, index);
    this.#crypt(pair, packet + RTCP_HEADER_BYTES, packet + RTCP_HEADER_BYTES, bytes - RTCP_HEADER_BYTES);
    this.#bytes.writeUInt32BE((SRTCP_ENCRYPTED | index) >>> 0, packet + bytes);
    const tag = pair.hmac.digest(packet, tagOffset);
    this.#bytes.copyWithin(packet + tagOffset, tag, tag + TAG_BYTES);
    return tagOffset + TAG_BYTES;
  }

  openRtcp(packet: number, bytes: number, indexWord: number): number {
    const pair = (this.#rtcp ??= this.#create(this.#keys.rtcp));
    const tagOffset = bytes - TAG_BYTES;
    const plainBytes = tagOffset - SRTCP_INDEX_BYTES;
    if (!this.#isSameTag(pair.hmac.digest(packet, tagOffset), packet + tagOffset)) return -1;
    if (indexWord < SRTCP_ENCRYPTED) return plainBytes;
    pair.iv.writeRtcp(packet, indexWord - SRTCP_ENCRYPTED);
    this.#crypt(pair, packet + RTCP_HEADER_BYTES, packet + RTCP_HEADER_BYTES, plainBytes - RTCP_HEADER_BYTES);
    return plainBytes;
  }

  free(): void {
    this.#rtp?.cipher.free();
    this.#rtcp?.cipher.free();
  }

  #create({ key, authKey, salt }: SessionKeys): KeyPair {
    const environment = this.#environment;
    return {
      // In counter mode encrypting and decrypting are the same.
      cipher: new EvpCipher(environment, 'ctr', 'seal', key.export()),
      hmac: new HmacSha1(environment, authKey.export()),
      iv: new PacketIv(this.#bytes, environment.scratch.iv, PROFILE, salt),
    };
  }

  #crypt(pair: KeyPair, input: number, output: number, bytes: number): void {
    pair.cipher.start(this.#environment.scratch.iv);
    pair.cipher.crypt(input, output, bytes);
  }

  /** The rollover counter is authenticated too, but not sent (RFC 3711 section 4.2). */
  #rtpTag(pair: KeyPair, packet: number, bytes: number, rolloverCounter: number): number {
    this.#bytes.writeUInt32BE(rolloverCounter, packet + bytes);
    return pair.hmac.digest(packet, bytes + ROLLOVER_COUNTER_BYTES);
  }

  /** In constant time. */
  #isSameTag(expected: number, tag: number): boolean {
    const bytes = this.#bytes;
    let difference = 0;
    for (let index = 0; index < TAG_BYTES; index++) difference |= (bytes[expected + index] ?? 0) ^ (bytes[tag + index] ?? 0);
    return difference === 0;
  }
}
