import { type KeyObject, createCipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { type PacketCipher, RTCP_HEADER_BYTES, SRTCP_ENCRYPTED, SRTCP_INDEX_BYTES, xorUint32 } from './packet-cipher.ts';
import { SRTP_PROFILES } from './profiles.ts';
import type { SessionKeys, SrtpKeys } from './session-keys.ts';

const TAG_BYTES = SRTP_PROFILES.AES_CM_128_HMAC_SHA1_80.tagBytes;
const IV_BYTES = 16;

/**
 * AES in counter mode and HMAC-SHA1 (RFC 3711 sections 4.1.1, 4.2.1):
 * `header | encrypted payload | tag` and `header | encrypted reports | E and index | tag`.
 */
export class CounterModeCipher implements PacketCipher {
  readonly #rtp: SessionKeys;
  readonly #rtcp: SessionKeys;
  // Node copies an IV when it makes a cipher, so that one buffer serves all packets.
  readonly #iv = Buffer.alloc(IV_BYTES);
  readonly #rolloverCounter = Buffer.alloc(4);

  constructor(keys: SrtpKeys) {
    this.#rtp = keys.rtp;
    this.#rtcp = keys.rtcp;
  }

  protectRtp(packet: Buffer, headerBytes: number, rolloverCounter: number): Buffer {
    const output = Buffer.allocUnsafe(packet.length + TAG_BYTES);
    this.#cryptRtp(packet, headerBytes, rolloverCounter, output);
    this.#rtpTag(output.subarray(0, packet.length), rolloverCounter).copy(output, packet.length, 0, TAG_BYTES);
    return output;
  }

  unprotectRtp(packet: Buffer, headerBytes: number, rolloverCounter: number): Buffer | undefined {
    const tagOffset = packet.length - TAG_BYTES;
    if (tagOffset < headerBytes) return undefined;
    const authenticated = packet.subarray(0, tagOffset);
    if (!tagMatches(this.#rtpTag(authenticated, rolloverCounter), packet)) return undefined;
    const output = Buffer.allocUnsafe(tagOffset);
    this.#cryptRtp(authenticated, headerBytes, rolloverCounter, output);
    return output;
  }

  protectRtcp(packet: Buffer, index: number): Buffer {
    const tagOffset = packet.length + SRTCP_INDEX_BYTES;
    const output = Buffer.allocUnsafe(tagOffset + TAG_BYTES);
    this.#cryptRtcp(packet, index, output);
    output.writeUInt32BE((SRTCP_ENCRYPTED | index) >>> 0, packet.length);
    this.#rtcpTag(output.subarray(0, tagOffset)).copy(output, tagOffset, 0, TAG_BYTES);
    return output;
  }

  srtcpIndexWord(packet: Buffer): number | undefined {
    const offset = packet.length - TAG_BYTES - SRTCP_INDEX_BYTES;
    return offset < RTCP_HEADER_BYTES ? undefined : packet.readUInt32BE(offset);
  }

  unprotectRtcp(packet: Buffer, indexWord: number): Buffer | undefined {
    const tagOffset = packet.length - TAG_BYTES;
    if (!tagMatches(this.#rtcpTag(packet.subarray(0, tagOffset)), packet)) return undefined;
    const reports = packet.subarray(0, tagOffset - SRTCP_INDEX_BYTES);
    const output = Buffer.allocUnsafe(reports.length);
    if (indexWord >= SRTCP_ENCRYPTED) this.#cryptRtcp(reports, indexWord - SRTCP_ENCRYPTED, output);
    else reports.copy(output);
    return output;
  }

  close(): void {
    // Node frees its keys by itself.
  }

  /** Writes the packet with its payload encrypted or decrypted, which is one and the same in counter mode. */
  #cryptRtp(packet: Buffer, headerBytes: number, rolloverCounter: number, output: Buffer): void {
    const iv = this.#initialise(this.#rtp.salt, packet.readUInt32BE(8));
    xorUint32(iv, rolloverCounter, 8);
    iv.writeUInt16BE(iv.readUInt16BE(12) ^ packet.readUInt16BE(2), 12);
    crypt(this.#rtp.key, iv, packet, headerBytes, output);
  }

  #cryptRtcp(packet: Buffer, index: number, output: Buffer): void {
    const iv = this.#initialise(this.#rtcp.salt, packet.readUInt32BE(4));
    xorUint32(iv, index, 10);
    crypt(this.#rtcp.key, iv, packet, RTCP_HEADER_BYTES, output);
  }

  /** Salt and SSRC of the IV; the 48-bit index goes to bytes 8 to 13, the block counter to 14 and 15. */
  #initialise(salt: Buffer, ssrc: number): Buffer {
    this.#iv.fill(0);
    salt.copy(this.#iv);
    xorUint32(this.#iv, ssrc, 4);
    return this.#iv;
  }

  /** The rollover counter is authenticated too, but not sent (RFC 3711 section 4.2). */
  #rtpTag(authenticated: Buffer, rolloverCounter: number): Buffer {
    this.#rolloverCounter.writeUInt32BE(rolloverCounter);
    return createHmac('sha1', this.#rtp.authKey).update(authenticated).update(this.#rolloverCounter).digest();
  }

  #rtcpTag(authenticated: Buffer): Buffer {
    return createHmac('sha1', this.#rtcp.authKey).update(authenticated).digest();
  }
}

function crypt(key: KeyObject, iv: Buffer, packet: Buffer, headerBytes: number, output: Buffer): void {
  packet.copy(output, 0, 0, headerBytes);
  createCipheriv('aes-128-ctr', key, iv).update(packet.subarray(headerBytes)).copy(output, headerBytes);
}

function tagMatches(expected: Buffer, packet: Buffer): boolean {
  return timingSafeEqual(expected.subarray(0, TAG_BYTES), packet.subarray(packet.length - TAG_BYTES));
}
