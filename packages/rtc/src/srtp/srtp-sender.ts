import { MediaError } from '@sluice/core';
import { createPacketCipher } from './create-packet-cipher.ts';
import { type CreatePacketCipher, type PacketCipher, RTCP_HEADER_BYTES, SEQUENCE_NUMBERS } from './packet-cipher.ts';
import type { SrtpProfile } from './profiles.ts';
import { rtpHeaderBytes } from './rtp-header.ts';

const HALF_RANGE = SEQUENCE_NUMBERS / 2;
/** A key serves this many SRTCP packets (RFC 3711 section 9.2). */
const SRTCP_INDEXES = 2 ** 31;

/** What was sent under one SSRC. */
interface OutboundStream {
  readonly ssrc: number;
  /** The highest index (RFC 3711 section 3.3.1). */
  highest: number;
}

/**
 * Encrypts and authenticates what we send to one peer (RFC 3711, RFC 7714).
 *
 * A packet with a sequence number of before may be protected again, also across a
 * wrap, but only with the very same bytes: another payload under an index of before
 * reuses the keystream, and with GCM gives away the key. Retransmit changed packets
 * by RTX, under a sequence number and SSRC of their own.
 */
export class SrtpSender {
  readonly #cipher: PacketCipher;
  /** By SSRC. Never forgotten, because starting anew would reuse indexes; our own SSRCs are few. */
  readonly #streams = new Map<number, OutboundStream>();
  /** Of the packet before: the next one is mostly of the same. */
  #last: OutboundStream | undefined;
  /** One index for all SSRCs: unique for each, as is demanded, and nothing to keep per SSRC. */
  #srtcpIndex = 0;

  /** @throws MediaError INTERNAL when key or salt are not as long as the profile demands */
  constructor(profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer, createCipher: CreatePacketCipher = createPacketCipher) {
    this.#cipher = createCipher(profile, masterKey, masterSalt);
  }

  /** Frees the keys; nothing else may be called afterwards. Idempotent. */
  close(): void {
    this.#cipher.close();
  }

  /**
   * The SRTP packet in a new buffer. An SSRC's first packet has rollover counter 0, so begin well
   * below 2^15 (RFC 3711 section 3.3.1) and above the number of packets that may come reordered before it.
   * @throws MediaError INTERNAL when `packet` is no RTP packet, or its sequence number is before the beginning
   */
  protectRtp(packet: Buffer): Buffer {
    const headerBytes = rtpHeaderBytes(packet);
    if (headerBytes === undefined) throw new MediaError('INTERNAL', 'Only an RTP packet of version 2 can be protected as SRTP.');
    const ssrc = packet.readUInt32BE(8);
    const index = this.#indexOf(ssrc, packet.readUInt16BE(2));
    return this.#cipher.protectRtp(packet, headerBytes, Math.floor(index / SEQUENCE_NUMBERS));
  }

  /**
   * The rollover counter of a packet that is sealed elsewhere, in a batch. The same is true of it as of {@link protectRtp}.
   * @throws MediaError INTERNAL when the sequence number is before the beginning
   */
  rolloverCounterOf(ssrc: number, sequenceNumber: number): number {
    return Math.floor(this.#indexOf(ssrc, sequenceNumber) / SEQUENCE_NUMBERS);
  }

  /**
   * The SRTCP packet in a new buffer, encrypted.
   * @param packet compound RTCP packet
   * @throws MediaError INTERNAL when `packet` is no RTCP packet, or the key has served all its 2^31 packets
   */
  protectRtcp(packet: Buffer): Buffer {
    if (packet.length < RTCP_HEADER_BYTES) throw new MediaError('INTERNAL', 'Only an RTCP packet with its SSRC can be protected as SRTCP.');
    if (this.#srtcpIndex >= SRTCP_INDEXES - 1) throw new MediaError('INTERNAL', 'The SRTCP key has served all its packets; the session must be made anew.');
    return this.#cipher.protectRtcp(packet, ++this.#srtcpIndex);
  }

  /** A sequence number up to half the range ahead is a new packet, any other one of before. */
  #indexOf(ssrc: number, sequenceNumber: number): number {
    const stream = this.#last?.ssrc === ssrc ? this.#last : this.#streamOf(ssrc, sequenceNumber);
    this.#last = stream;
    const { highest } = stream;
    const ahead = (sequenceNumber - highest) & (SEQUENCE_NUMBERS - 1);
    const index = ahead < HALF_RANGE ? highest + ahead : highest + ahead - SEQUENCE_NUMBERS;
    if (index < 0) throw new MediaError('INTERNAL', `RTP sequence number ${sequenceNumber} is before the beginning of its SSRC.`);
    if (index > highest) stream.highest = index;
    return index;
  }

  #streamOf(ssrc: number, sequenceNumber: number): OutboundStream {
    const stream = this.#streams.get(ssrc) ?? { ssrc, highest: sequenceNumber };
    this.#streams.set(ssrc, stream);
    return stream;
  }
}
