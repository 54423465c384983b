import { createPacketCipher } from './create-packet-cipher.ts';
import { type CreatePacketCipher, type PacketCipher, RTCP_HEADER_BYTES, SEQUENCE_NUMBERS, SRTCP_ENCRYPTED } from './packet-cipher.ts';
import type { SrtpProfile } from './profiles.ts';
import { ReplayWindow } from './replay-window.ts';
import { rtpHeaderBytes } from './rtp-header.ts';
import { SsrcTable } from './ssrc-table.ts';

const HALF_RANGE = SEQUENCE_NUMBERS / 2;

/** Counters of an {@link SrtpReceiver}, RTP and RTCP together. */
export interface SrtpReceiverCounters {
  readonly accepted: number;
  /** Too short, or no RTP or RTCP at all. */
  readonly malformed: number;
  /** Seen before, or older than the replay window. */
  readonly replayed: number;
  /** Forged, damaged or of another key. */
  readonly notAuthentic: number;
}

/** What {@link SrtpReceiver} takes beside the keys. */
export interface SrtpReceiverOptions {
  /** SSRCs whose replay windows are kept, of RTP and of RTCP each. Default 64. */
  readonly maxSsrcs?: number | undefined;
  /** Default: what Node offers. */
  readonly createCipher?: CreatePacketCipher | undefined;
}

/** Authenticates and decrypts what one peer sends (RFC 3711, RFC 7714). Any bytes: a packet or undefined, never an error. */
export class SrtpReceiver {
  readonly #cipher: PacketCipher;
  readonly #rtp: SsrcTable<ReplayWindow>;
  readonly #rtcp: SsrcTable<ReplayWindow>;
  readonly #counters = { accepted: 0, malformed: 0, replayed: 0, notAuthentic: 0 };

  /** @throws MediaError INTERNAL when key or salt are not as long as the profile demands */
  constructor(profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer, options: SrtpReceiverOptions = {}) {
    this.#cipher = (options.createCipher ?? createPacketCipher)(profile, masterKey, masterSalt);
    const maxSsrcs = options.maxSsrcs ?? 64;
    this.#rtp = new SsrcTable(maxSsrcs);
    this.#rtcp = new SsrcTable(maxSsrcs);
  }

  get counters(): SrtpReceiverCounters {
    return this.#counters;
  }

  /** Frees the keys; nothing else may be called afterwards. Idempotent. */
  close(): void {
    this.#cipher.close();
  }

  /** The RTP packet in a new buffer; undefined when it was dropped. */
  unprotectRtp(packet: Buffer): Buffer | undefined {
    const headerBytes = rtpHeaderBytes(packet);
    if (headerBytes === undefined) return this.#drop('malformed');
    const ssrc = packet.readUInt32BE(8);
    const sequenceNumber = packet.readUInt16BE(2);
    const window = this.#rtp.get(ssrc);
    if (!window) return this.#unprotectFirstRtp(packet, headerBytes, ssrc, sequenceNumber);

    const index = guessIndex(window.highest, sequenceNumber);
    if (index < 0 || !window.isFresh(index)) return this.#drop('replayed');
    const output = this.#cipher.unprotectRtp(packet, headerBytes, Math.floor(index / SEQUENCE_NUMBERS));
    if (!output) return this.#drop('notAuthentic');
    window.add(index);
    this.#rtp.set(ssrc, window);
    this.#counters.accepted++;
    return output;
  }

  /** The compound RTCP packet in a new buffer; undefined when it was dropped. Unencrypted SRTCP must be authentic too. */
  unprotectRtcp(packet: Buffer): Buffer | undefined {
    const indexWord = this.#cipher.srtcpIndexWord(packet);
    if (indexWord === undefined || packet.readUInt8(0) >> 6 !== 2) return this.#drop('malformed');
    const ssrc = packet.readUInt32BE(RTCP_HEADER_BYTES - 4);
    const index = indexWord % SRTCP_ENCRYPTED;
    const window = this.#rtcp.get(ssrc) ?? new ReplayWindow();
    if (!window.isFresh(index)) return this.#drop('replayed');
    const output = this.#cipher.unprotectRtcp(packet, indexWord);
    if (!output) return this.#drop('notAuthentic');
    window.add(index);
    this.#rtcp.set(ssrc, window);
    this.#counters.accepted++;
    return output;
  }

  /**
   * A stream starts with rollover counter 0. When its first packets were lost and it
   * wrapped among them, what comes first has counter 1 and a low sequence number.
   */
  #unprotectFirstRtp(packet: Buffer, headerBytes: number, ssrc: number, sequenceNumber: number): Buffer | undefined {
    const guesses = sequenceNumber < HALF_RANGE ? [0, 1] : [0];
    for (const rolloverCounter of guesses) {
      const output = this.#cipher.unprotectRtp(packet, headerBytes, rolloverCounter);
      if (!output) continue;
      const window = new ReplayWindow();
      window.add(rolloverCounter * SEQUENCE_NUMBERS + sequenceNumber);
      this.#rtp.set(ssrc, window);
      this.#counters.accepted++;
      return output;
    }
    return this.#drop('notAuthentic');
  }

  #drop(reason: 'malformed' | 'replayed' | 'notAuthentic'): undefined {
    this.#counters[reason]++;
    return undefined;
  }
}

/** The index nearest to the highest one so far (RFC 3711 section 3.3.1); negative before the start of the stream. */
function guessIndex(highest: number, sequenceNumber: number): number {
  const highestSequenceNumber = highest % SEQUENCE_NUMBERS;
  const sameRollover = highest - highestSequenceNumber + sequenceNumber;
  const distance = sequenceNumber - highestSequenceNumber;
  if (highestSequenceNumber < HALF_RANGE) return distance > HALF_RANGE ? sameRollover - SEQUENCE_NUMBERS : sameRollover;
  return distance < -HALF_RANGE ? sameRollover + SEQUENCE_NUMBERS : sameRollover;
}
