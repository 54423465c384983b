import type { SrtpProfile } from '../profiles.ts';

/** Bytes of the IV in front of which nothing but the salt stands (RFC 3711 section 4.1.1, RFC 7714 section 8.1). */
const SSRC_OFFSET: Readonly<Record<SrtpProfile, number>> = { AES_CM_128_HMAC_SHA1_80: 4, AEAD_AES_128_GCM: 2 };
const IV_BYTES = 16;
const SSRC_BYTES = 4;

/**
 * Writes the IVs of packets into the arena: the salt, XORed with the SSRC and the packet's index. The two
 * profiles differ only in where that starts.
 */
export class PacketIv {
  readonly #bytes: Uint8Array;
  readonly #iv: number;
  readonly #salt = new Uint8Array(IV_BYTES);
  readonly #ssrc: number;

  /** @param iv offset in `bytes` */
  constructor(bytes: Uint8Array, iv: number, profile: SrtpProfile, salt: Uint8Array) {
    this.#bytes = bytes;
    this.#iv = iv;
    this.#salt.set(salt);
    this.#ssrc = SSRC_OFFSET[profile];
  }

  /** `SSRC | rollover counter | sequence number`, SSRC and sequence number from the header at `packet`. */
  writeRtp(packet: number, rolloverCounter: number): void {
    const bytes = this.#bytes;
    this.#writeSalt();
    const ssrc = this.#iv + this.#ssrc;
    xorBytes(bytes, ssrc, packet + 8, 4);
    xorUint32(bytes, ssrc + SSRC_BYTES, rolloverCounter);
    xorBytes(bytes, ssrc + SSRC_BYTES + 4, packet + 2, 2);
  }

  /** `SSRC | 0 | index`, with the SSRC of the header at `packet`. */
  writeRtcp(packet: number, index: number): void {
    const bytes = this.#bytes;
    this.#writeSalt();
    const ssrc = this.#iv + this.#ssrc;
    xorBytes(bytes, ssrc, packet + 4, 4);
    xorUint32(bytes, ssrc + SSRC_BYTES + 2, index);
  }

  #writeSalt(): void {
    for (let index = 0; index < IV_BYTES; index++) this.#bytes[this.#iv + index] = this.#salt[index] ?? 0;
  }
}

function xorBytes(bytes: Uint8Array, to: number, from: number, count: number): void {
  for (let index = 0; index < count; index++) bytes[to + index] = (bytes[to + index] ?? 0) ^ (bytes[from + index] ?? 0);
}

/** Most significant byte first. */
function xorUint32(bytes: Uint8Array, to: number, value: number): void {
  for (let index = 0; index < 4; index++) bytes[to + index] = (bytes[to + index] ?? 0) ^ ((value >>> (24 - 8 * index)) & 0xff);
}
