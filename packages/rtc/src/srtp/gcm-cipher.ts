import { type CipherGCM, type DecipherGCM, createCipheriv, createDecipheriv } from 'node:crypto';
import { type PacketCipher, RTCP_HEADER_BYTES, SRTCP_ENCRYPTED, SRTCP_INDEX_BYTES, xorUint32 } from './packet-cipher.ts';
import { SRTP_PROFILES } from './profiles.ts';
import type { SessionKeys, SrtpKeys } from './session-keys.ts';

const ALGORITHM = 'aes-128-gcm';
const TAG_BYTES = SRTP_PROFILES.AEAD_AES_128_GCM.tagBytes;
const TAG_OPTIONS = { authTagLength: TAG_BYTES } as const;
const IV_BYTES = 12;

/**
 * AES-GCM (RFC 7714 sections 8 and 9): `header | encrypted payload | tag` and
 * `header | encrypted reports | tag | E and index`.
 */
export class GcmCipher implements PacketCipher {
  readonly #rtp: SessionKeys;
  readonly #rtcp: SessionKeys;
  // Node copies an IV when it makes a cipher, so that one buffer serves all packets.
  readonly #iv = Buffer.alloc(IV_BYTES);

  constructor(keys: SrtpKeys) {
    this.#rtp = keys.rtp;
    this.#rtcp = keys.rtcp;
  }

  protectRtp(packet: Buffer, headerBytes: number, rolloverCounter: number): Buffer {
    const cipher = createCipheriv(ALGORITHM, this.#rtp.key, this.#rtpIv(packet, rolloverCounter), TAG_OPTIONS);
    cipher.setAAD(packet.subarray(0, headerBytes));
    const output = Buffer.allocUnsafe(packet.length + TAG_BYTES);
    seal(cipher, packet, headerBytes, output);
    return output;
  }

  unprotectRtp(packet: Buffer, headerBytes: number, rolloverCounter: number): Buffer | undefined {
    const tagOffset = packet.length - TAG_BYTES;
    if (tagOffset < headerBytes) return undefined;
    const decipher = createDecipheriv(ALGORITHM, this.#rtp.key, this.#rtpIv(packet, rolloverCounter), TAG_OPTIONS);
    decipher.setAAD(packet.subarray(0, headerBytes));
    decipher.setAuthTag(packet.subarray(tagOffset));
    return open(decipher, packet.subarray(0, tagOffset), headerBytes);
  }

  protectRtcp(packet: Buffer, index: number): Buffer {
    const indexOffset = packet.length + TAG_BYTES;
    const output = Buffer.allocUnsafe(indexOffset + SRTCP_INDEX_BYTES);
    output.writeUInt32BE((SRTCP_ENCRYPTED | index) >>> 0, indexOffset);
    const cipher = createCipheriv(ALGORITHM, this.#rtcp.key, this.#rtcpIv(packet, index), TAG_OPTIONS);
    cipher.setAAD(packet.subarray(0, RTCP_HEADER_BYTES));
    cipher.setAAD(output.subarray(indexOffset));
    seal(cipher, packet, RTCP_HEADER_BYTES, output);
    return output;
  }

  srtcpIndexWord(packet: Buffer): number | undefined {
    const offset = packet.length - SRTCP_INDEX_BYTES;
    return offset < RTCP_HEADER_BYTES + TAG_BYTES ? undefined : packet.readUInt32BE(offset);
  }

  unprotectRtcp(packet: Buffer, indexWord: number): Buffer | undefined {
    const indexOffset = packet.length - SRTCP_INDEX_BYTES;
    const tagOffset = indexOffset - TAG_BYTES;
    const reports = packet.subarray(0, tagOffset);
    const encrypted = indexWord >= SRTCP_ENCRYPTED;
    // Without encryption the whole packet is associated data and the plaintext is empty (RFC 7714 section 9.3).
    const headerBytes = encrypted ? RTCP_HEADER_BYTES : reports.length;

    const iv = this.#rtcpIv(packet, encrypted ? indexWord - SRTCP_ENCRYPTED : indexWord);
    const decipher = createDecipheriv(ALGORITHM, this.#rtcp.key, iv, TAG_OPTIONS);
    decipher.setAAD(packet.subarray(0, headerBytes));
    decipher.setAAD(packet.subarray(indexOffset));
    decipher.setAuthTag(packet.subarray(tagOffset, indexOffset));
    return open(decipher, reports, headerBytes);
  }

  close(): void {
    // Node frees its keys by itself.
  }

  /** `0 | SSRC | ROC | SEQ` XOR salt (RFC 7714 section 8.1). */
  #rtpIv(packet: Buffer, rolloverCounter: number): Buffer {
    const iv = this.#initialise(this.#rtp.salt, packet.readUInt32BE(8));
    xorUint32(iv, rolloverCounter, 6);
    iv.writeUInt16BE(iv.readUInt16BE(10) ^ packet.readUInt16BE(2), 10);
    return iv;
  }

  /** `0 | SSRC | 0 | index` XOR salt (RFC 7714 section 9.1). */
  #rtcpIv(packet: Buffer, index: number): Buffer {
    const iv = this.#initialise(this.#rtcp.salt, packet.readUInt32BE(4));
    xorUint32(iv, index, 8);
    return iv;
  }

  #initialise(salt: Buffer, ssrc: number): Buffer {
    salt.copy(this.#iv);
    xorUint32(this.#iv, ssrc, 2);
    return this.#iv;
  }
}

/** Writes header, encrypted rest and tag to `output`. */
function seal(cipher: CipherGCM, packet: Buffer, headerBytes: number, output: Buffer): void {
  packet.copy(output, 0, 0, headerBytes);
  cipher.update(packet.subarray(headerBytes)).copy(output, headerBytes);
  cipher.final();
  cipher.getAuthTag().copy(output, packet.length);
}

/** Undefined when the tag does not fit. */
function open(decipher: DecipherGCM, packet: Buffer, headerBytes: number): Buffer | undefined {
  const output = Buffer.allocUnsafe(packet.length);
  packet.copy(output, 0, 0, headerBytes);
  decipher.update(packet.subarray(headerBytes)).copy(output, headerBytes);
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return output;
}
