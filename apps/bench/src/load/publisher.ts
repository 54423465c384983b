import { setTimeout as sleep } from 'node:timers/promises';
import { RtcpSenderInfo, RtcpSrPacket, RtpHeader, ntpTime } from 'werift';
import { MID, MID_EXTENSION_ID, TRANSPORT_CC_EXTENSION_ID, VP8_PAYLOAD_TYPE } from './description.ts';
import { Vp8Payloads, positionOf } from './frames.ts';
import { type Peer, connectPeer } from './peer.ts';
import type { ProfileName } from './profiles.ts';

/** RTP header, payload and all, before SRTP. */
export const PACKET_BYTES = 1200;
/** Fixed header, and the block of the two extensions with its padding. */
const HEADER_BYTES = 12 + 4 + 8;
/** libwebrtc's pacer sends in bursts of this length too. */
const TICK_MS = 5;
/** After a stall of this process at most so much is caught up, or the burst would overrun every buffer. */
const MAX_CATCH_UP_MS = 50;
const REPORT_INTERVAL_MS = 1000;

/** The one publisher: a VP8 stream of evenly paced packets with MID and transport-wide sequence numbers. */
export class Publisher {
  readonly #peer: Peer;
  readonly #payloads = new Vp8Payloads(PACKET_BYTES - HEADER_BYTES);
  readonly #reports: NodeJS.Timeout;
  #packets = 0;
  /** Timestamps and frames go on from here when the rate changes. */
  #timestampOffset = 0;
  #lastTimestamp = 0;

  private constructor(peer: Peer) {
    this.#peer = peer;
    this.#reports = setInterval(() => this.#sendReport(), REPORT_INTERVAL_MS);
  }

  /** @throws Error when the server refuses or does not connect */
  static async connect(url: string, profile: ProfileName): Promise<Publisher> {
    return new Publisher(await connectPeer({ url, profile, direction: 'sendonly', onRtp: () => undefined }));
  }

  /** @returns packets sent, about `packetsPerSecond * seconds` */
  async publish(packetsPerSecond: number, seconds: number): Promise<number> {
    const perMs = packetsPerSecond / 1000;
    const total = Math.round(packetsPerSecond * seconds);
    const startedAt = performance.now();
    let sent = 0;
    let skipped = 0;
    this.#timestampOffset = this.#lastTimestamp + 3000;
    while (sent + skipped < total) {
      const due = Math.min(total, Math.floor((performance.now() - startedAt) * perMs));
      const overdue = due - sent - skipped - Math.ceil(MAX_CATCH_UP_MS * perMs);
      if (overdue > 0) skipped += overdue;
      while (sent + skipped < due) this.#sendPacket(sent++, packetsPerSecond);
      await sleep(TICK_MS);
    }
    return sent;
  }

  close(): void {
    clearInterval(this.#reports);
    this.#peer.close();
  }

  #sendPacket(index: number, packetsPerSecond: number): void {
    const position = positionOf(index, packetsPerSecond);
    const sequenceNumber = this.#packets & 0xffff;
    const transportSequence = Buffer.alloc(2);
    transportSequence.writeUInt16BE(sequenceNumber);
    this.#lastTimestamp = (this.#timestampOffset + position.timestamp) % 2 ** 32;
    const header = new RtpHeader({
      version: 2,
      marker: position.last,
      payloadType: VP8_PAYLOAD_TYPE,
      sequenceNumber,
      timestamp: this.#lastTimestamp,
      ssrc: this.#peer.ssrc,
      extension: true,
      extensions: [
        { id: MID_EXTENSION_ID, payload: Buffer.from(MID) },
        { id: TRANSPORT_CC_EXTENSION_ID, payload: transportSequence },
      ],
    });
    this.#packets++;
    this.#peer.send(this.#peer.srtp.encrypt(this.#payloads.of(position), header));
  }

  #sendReport(): void {
    if (this.#packets === 0) return;
    const senderInfo = new RtcpSenderInfo({
      ntpTimestamp: ntpTime(),
      rtpTimestamp: this.#lastTimestamp,
      packetCount: this.#packets,
      octetCount: (this.#packets * (PACKET_BYTES - HEADER_BYTES)) % 2 ** 32,
    });
    this.#peer.send(this.#peer.srtcp.encrypt(new RtcpSrPacket({ ssrc: this.#peer.ssrc, senderInfo }).serialize()));
  }
}
