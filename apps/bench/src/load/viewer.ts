import { GenericNack, RtcpReceiverInfo, RtcpRrPacket, RtcpTransportLayerFeedback } from 'werift';
import { Arrivals } from './arrivals.ts';
import { type Peer, type PeerOptions, connectPeer } from './peer.ts';
import { TransportFeedback } from './transport-feedback.ts';

/** As often as Chromium. */
const FEEDBACK_INTERVAL_MS = 100;
/** Reports are sent with every tenth feedback. */
const FEEDBACKS_PER_REPORT = 10;
const SENDER_REPORT = 200;
/** Intervals after which a packet is no longer asked for. */
const MAX_REQUESTS = 5;
/** One of so many media packets is decrypted: enough to see that they can be, and cheap. */
const DECRYPT_EVERY = 500;

/** What {@link Viewer.connect} takes. */
export interface ViewerOptions extends Omit<PeerOptions, 'role'> {
  /** Share of the packets that it pretends not to have got, 0 to 1. */
  readonly loss: number;
}

/** A viewer with all the RTCP of a browser, which looks at headers only, so that the load generator stays light. */
export class Viewer {
  readonly peer: Peer;
  readonly arrivals: Arrivals;
  /** Packets of the sample that no key opened. */
  undecipherable = 0;
  readonly #feedback = new TransportFeedback();
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;
  #missingBefore = 0;
  #reported = { highestSequence: 0, received: 0 };
  #lastSenderReport = { middle: 0, at: 0 };

  private constructor(peer: Peer, loss: number) {
    this.peer = peer;
    this.arrivals = new Arrivals({ ...peer.remote, loss });
    peer.onRtp = (datagram) => this.#receive(datagram);
    peer.onRtcp = (datagram) => this.#receiveReport(datagram);
    this.#timer = setInterval(() => this.#tick(), FEEDBACK_INTERVAL_MS);
  }

  /** @throws Error when the server refuses or does not connect */
  static async connect(options: ViewerOptions): Promise<Viewer> {
    return new Viewer(await connectPeer({ ...options, role: 'viewer' }), options.loss);
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer);
    await this.peer.leave();
  }

  #receive(datagram: Buffer): void {
    const { arrivals } = this;
    const now = performance.now();
    const missing = arrivals.missing.length;
    const transportSequence = arrivals.add(datagram, now);
    if (transportSequence !== undefined) this.#feedback.add(transportSequence, now);
    if (arrivals.missing.length > missing) this.#requestMissing();
    if (arrivals.received % DECRYPT_EVERY === 1) this.#decrypt(datagram);
  }

  #decrypt(datagram: Buffer): void {
    try {
      this.peer.srtp.decrypt(Buffer.from(datagram));
    } catch {
      this.undecipherable++;
    }
  }

  /** Remembers what a receiver report quotes (RFC 3550 section 6.4.1). */
  #receiveReport(datagram: Buffer): void {
    if (datagram.readUInt8(1) !== SENDER_REPORT) return;
    const report = this.peer.srtcp.decrypt(Buffer.from(datagram));
    this.#lastSenderReport = { middle: report.readUInt32BE(10), at: performance.now() };
  }

  #tick(): void {
    const { arrivals, peer } = this;
    if (arrivals.received === 0) return;
    const feedback = this.#feedback.take(peer.ssrc, arrivals.ssrc);
    if (feedback) this.#send(feedback);
    if (arrivals.missing.length > 0) this.#repeatRequests();
    this.#ticks++;
    if (this.#ticks % FEEDBACKS_PER_REPORT === 0) this.#sendReport();
  }

  #repeatRequests(): void {
    // What was missing for some intervals will not come.
    if (this.#ticks % MAX_REQUESTS === 0) {
      this.arrivals.giveUp(Math.min(this.#missingBefore, this.arrivals.missing.length));
      this.#missingBefore = this.arrivals.missing.length;
    }
    this.#requestMissing();
  }

  #requestMissing(): void {
    const { missing, ssrc } = this.arrivals;
    if (missing.length === 0) return;
    const feedback = new GenericNack({ senderSsrc: this.peer.ssrc, mediaSourceSsrc: ssrc, lost: [...missing] });
    this.#send(new RtcpTransportLayerFeedback({ feedback }).serialize());
  }

  #sendReport(): void {
    const { received, ignored, ssrc, highestSequence, jitter } = this.arrivals;
    const arrived = received - ignored;
    const expected = highestSequence - this.#reported.highestSequence;
    const lost = this.#reported.received === 0 ? 0 : Math.max(0, expected - (arrived - this.#reported.received));
    this.#reported = { highestSequence, received: arrived };
    const { middle, at } = this.#lastSenderReport;
    const report = new RtcpReceiverInfo({
      ssrc,
      highestSequence: highestSequence >>> 0,
      fractionLost: expected === 0 ? 0 : Math.min(255, Math.floor((256 * lost) / expected)),
      packetsLost: Math.min(ignored, 0x7f_ffff),
      jitter: Math.round(jitter),
      lsr: middle,
      dlsr: middle === 0 ? 0 : Math.round(((performance.now() - at) * 65_536) / 1000),
    });
    this.#send(new RtcpRrPacket({ ssrc: this.peer.ssrc, reports: [report] }).serialize());
  }

  #send(rtcp: Buffer): void {
    this.peer.send(this.peer.srtcp.encrypt(rtcp));
  }
}
