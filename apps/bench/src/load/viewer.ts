import { RtcpReceiverInfo, RtcpRrPacket } from 'werift';
import { VP8_PAYLOAD_TYPE } from './description.ts';
import { type Peer, connectPeer } from './peer.ts';
import type { ProfileName } from './profiles.ts';

const REPORT_INTERVAL_MS = 1000;
const RTP_HEADER_BYTES = 12;

/** A viewer that counts packets instead of decrypting them, so that the load generator stays light. */
export class Viewer {
  readonly #peer: Peer;
  readonly #arrivals: Arrivals;
  readonly #reports: NodeJS.Timeout;

  private constructor(peer: Peer, arrivals: Arrivals) {
    this.#peer = peer;
    this.#arrivals = arrivals;
    this.#reports = setInterval(() => this.#sendReport(), REPORT_INTERVAL_MS);
  }

  /** @throws Error when the server refuses or does not connect */
  static async connect(url: string, profile: ProfileName): Promise<Viewer> {
    const arrivals = new Arrivals();
    const peer = await connectPeer({ url, profile, direction: 'recvonly', onRtp: (datagram) => arrivals.add(datagram) });
    return new Viewer(peer, arrivals);
  }

  /** Media packets so far; RTX is none. */
  get received(): number {
    return this.#arrivals.count;
  }

  /** From the POST of the offer until the answer was read. */
  get answerMs(): number {
    return this.#peer.answerMs;
  }

  close(): void {
    clearInterval(this.#reports);
    this.#peer.close();
  }

  #sendReport(): void {
    const { count, ssrc, highestSequence } = this.#arrivals;
    if (count === 0) return;
    const report = new RtcpReceiverInfo({ ssrc, highestSequence, fractionLost: 0, packetsLost: 0, jitter: 0, lsr: 0, dlsr: 0 });
    this.#peer.send(this.#peer.srtcp.encrypt(new RtcpRrPacket({ ssrc: this.#peer.ssrc, reports: [report] }).serialize()));
  }
}

/** What the headers tell, which SRTP leaves in the clear (RFC 3711 section 3.1). */
class Arrivals {
  count = 0;
  ssrc = 0;
  highestSequence = 0;

  add(datagram: Buffer): void {
    if (datagram.length < RTP_HEADER_BYTES || (datagram.readUInt8(1) & 0x7f) !== VP8_PAYLOAD_TYPE) return;
    this.count++;
    this.highestSequence = datagram.readUInt16BE(2);
    this.ssrc = datagram.readUInt32BE(8);
  }
}
