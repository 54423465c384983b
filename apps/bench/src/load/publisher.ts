import { RtcpSenderInfo, RtcpSrPacket, RtpHeader, ntpTime } from 'werift';
import { MID, MID_EXTENSION_ID, TRANSPORT_CC_EXTENSION_ID } from './description.ts';
import { Vp8Payloads, positionOf } from './frames.ts';
import { type Peer, type PeerOptions, connectPeer } from './peer.ts';

/** RTP header, payload and all, before SRTP. */
export const PACKET_BYTES = 1200;
/** Fixed header, and the block of the two extensions with its padding. */
const HEADER_BYTES = 12 + 4 + 8;
const REPORT_INTERVAL_MS = 1000;

/** A publisher: a VP8 stream of evenly paced packets with MID and transport-wide sequence numbers. */
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
  static async connect(options: Omit<PeerOptions, 'role'>): Promise<Publisher> {
    return new Publisher(await connectPeer({ ...options, role: 'publisher' }));
  }

  /** What is published from now on has another rate, and goes on in time. */
  startSequence(): void {
    this.#timestampOffset = this.#lastTimestamp + 3000;
  }

  /** Sends the packet with this number of the sequence. */
  sendPacket(index: number, packetsPerSecond: number): void {
    const position = positionOf(index, packetsPerSecond);
    const sequenceNumber = this.#packets & 0xffff;
    const transportSequence = Buffer.alloc(2);
    transportSequence.writeUInt16BE(sequenceNumber);
    this.#lastTimestamp = (this.#timestampOffset + position.timestamp) % 2 ** 32;
    const header = new RtpHeader({
      version: 2,
      marker: position.last,
      payloadType: this.#peer.remote.payloadType,
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

  async leave(): Promise<void> {
    clearInterval(this.#reports);
    await this.#peer.leave();
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
