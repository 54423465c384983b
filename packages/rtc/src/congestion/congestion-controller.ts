import { RateMeter } from '../rtp/rate-meter.ts';
import type { RoundTrip } from '../rtp/round-trip.ts';
import type { TransportCcFeedback } from '../rtp/rtcp-packets.ts';
import { type CongestionLimits, clampBitrate } from './congestion-limits.ts';
import { FeedbackIntake } from './feedback-intake.ts';
import { LossBasedBound } from './loss-based-bound.ts';
import type { BandwidthUsage } from './overuse-detector.ts';
import { ProbeController, type ProbeRequest, type ProbeSituation } from './probe-controller.ts';
import { RateControl } from './rate-control.ts';
import { RetransmissionAllowance } from './retransmission-allowance.ts';

/** What one viewer's congestion control is made from. */
export interface CongestionControllerOptions extends CongestionLimits {
  /** Whether transport-wide congestion control was negotiated; else REMB and receiver reports have to do. */
  readonly transportCc: boolean;
  /** To the viewer; who owns it feeds it with reports. */
  readonly roundTrip: RoundTrip;
}

/** Silence of a receiver that we send to, until we take the path for broken; and again, until it answers. */
const SILENCE_MS = 1500;
const SILENCE_FACTOR = 0.7;
/** Browsers send their receiver reports about so often. */
const REPORT_INTERVAL_MS = 1000;

/**
 * Estimates what one viewer's path carries (Google congestion control: draft-ietf-rmcat-gcc-02, and what libwebrtc does
 * since): the delay of packets and their loss, told by transport-wide feedback, or REMB and receiver reports where the
 * viewer has none. Bit/s, and milliseconds of a monotonic clock. Allocates nothing per packet.
 */
export class CongestionController {
  /** What would be sent if the path carried it; while it exceeds {@link targetBitrate}, probes look for room. 0 = none. */
  desiredBitrate = 0;
  readonly #limits: CongestionLimits;
  readonly #transportCc: boolean;
  readonly #sentRate = new RateMeter();
  readonly #loss: LossBasedBound;
  readonly #probes = new ProbeController();
  readonly #retransmissions = new RetransmissionAllowance();
  readonly #intake: FeedbackIntake;
  readonly #roundTrip: RoundTrip;
  readonly #rate: RateControl;
  readonly #situation: ProbeSituation = { target: 0, desired: 0, sent: 0, maxBitrate: 0, congested: false };
  #remb = Infinity;
  #target: number;
  #heardAt: number | undefined;
  #sentSinceHeard = false;
  /** Some peers agree to transport-wide feedback and send none; until it comes, reports count. */
  #hasFeedback = false;
  #packetsSinceReport = 0;
  #bytesSinceReport = 0;
  #reportedAt: number | undefined;

  constructor(options: CongestionControllerOptions) {
    this.#limits = options;
    this.#transportCc = options.transportCc;
    this.#roundTrip = options.roundTrip;
    this.#loss = options.transportCc ? new LossBasedBound() : new LossBasedBound(REPORT_INTERVAL_MS);
    this.#intake = new FeedbackIntake(this.#loss, this.#probes);
    this.#rate = new RateControl(options);
    this.#target = this.#rate.bitrate;
  }

  /** What may be sent to this viewer. */
  get targetBitrate(): number {
    return this.#target;
  }

  /** Whether the receiver tells what its path carries, and does not only report losses. */
  get hasEstimate(): boolean {
    return this.#transportCc || this.#remb !== Infinity;
  }

  /** Whether a probe cluster is being sent. */
  get isProbing(): boolean {
    return this.#probes.isActive;
  }

  /** Packets that feedback named and we do not know: never sent, or too long ago. */
  get unknownPackets(): number {
    return this.#intake.unknownPackets;
  }

  /**
   * Notes a packet that goes out now.
   * @param bytes of the whole packet
   * @returns the transport-wide sequence number to send it under; 0 without transport-wide feedback
   */
  onPacketSent(bytes: number, now: number): number {
    this.#sentRate.add(bytes, now);
    this.#heardAt ??= now;
    this.#sentSinceHeard = true;
    this.#packetsSinceReport++;
    this.#bytesSinceReport += bytes;
    if (!this.#transportCc) return 0;
    this.#probes.onSent(bytes);
    return this.#intake.sent.add(bytes, this.#probes.cluster, now);
  }

  /** Whether the path has room to send a lost packet again; true while nothing is known of it. */
  mayRetransmit(now: number): boolean {
    const isKnown = this.#transportCc || this.#remb !== Infinity;
    return !isKnown || this.#retransmissions.isOpen(this.#target, now);
  }

  /** A packet of so many bytes goes out again; {@link onPacketSent} notes it too. */
  onRetransmitted(bytes: number): void {
    this.#retransmissions.spend(bytes);
  }

  onFeedback(feedback: TransportCcFeedback, now: number): void {
    if (!this.#transportCc) return;
    this.#hasFeedback = true;
    this.#onHeard(now);
    const newest = this.#intake.receive(feedback, now);
    // The wait for the feedback is in it, so that reports, which know better, go before.
    if (newest !== undefined) this.#roundTrip.onAnswer(now - newest, now);
    const usage = this.#takeUsage(now);
    const throughput = this.#intake.acknowledged.value;
    const probed = this.#probes.takeResult(now);
    if (probed !== undefined && usage !== 'overuse') this.#rate.onProbe(probed, throughput, now);
    else this.#rate.update(usage, throughput, this.#roundTrip.ms ?? 0, now);
    this.#loss.update(Math.min(this.#rate.bitrate, this.#remb), throughput);
    this.#retarget(now);
  }

  /** @param fractionLost since the last report, 0 to 1 */
  onReceiverReport(fractionLost: number, now: number): void {
    if (this.#hasFeedback) return;
    this.#onHeard(now);
    this.#learnFromReport(fractionLost, now - (this.#reportedAt ?? now), now);
    this.#reportedAt = now;
    this.#packetsSinceReport = 0;
    this.#bytesSinceReport = 0;
    this.#retarget(now);
  }

  /** The receiver's own estimate, bit/s: an upper bound, and the estimate itself where there is no transport-wide feedback. */
  onRemb(bitrate: number, now: number): void {
    this.#remb = clampBitrate(bitrate, this.#limits);
    if (!this.#hasFeedback) {
      this.#onHeard(now);
      this.#rate.onReceiverEstimate(bitrate, now);
    }
    this.#retarget(now);
  }

  /** Notices that the receiver is silent; called every few milliseconds. */
  tick(now: number): void {
    if (this.#heardAt === undefined || !this.#sentSinceHeard || now - this.#heardAt < SILENCE_MS) return;
    this.#heardAt = now;
    this.#rate.onSilence(SILENCE_FACTOR, now);
    this.#retarget(now);
  }

  /**
   * Padding or repeated packets to send now, to find out whether more fits; asked every few milliseconds. The object is
   * reused. What is sent for it is noted by {@link onPacketSent} too.
   */
  probeWanted(now: number): ProbeRequest | undefined {
    if (!this.#transportCc || this.desiredBitrate === 0) return undefined;
    const situation = this.#situation;
    situation.target = this.#target;
    situation.desired = this.desiredBitrate;
    situation.sent = this.#sentRate.bitrate(now);
    situation.maxBitrate = this.#limits.maxBitrate;
    situation.congested = this.#intake.delay.usage === 'overuse' || this.#loss.value < this.#rate.bitrate;
    return this.#probes.wanted(situation, now);
  }

  /** Reports tell nothing of the delay: the rate grows while losses do not bound it. */
  #learnFromReport(fractionLost: number, elapsed: number, now: number): void {
    if (elapsed <= 0 || this.#packetsSinceReport === 0) return;
    const packets = this.#packetsSinceReport;
    const sentRate = (this.#bytesSinceReport * 8000) / elapsed;
    const throughput = sentRate * (1 - fractionLost);
    this.#rate.update('normal', throughput, this.#roundTrip.ms ?? 0, now);
    this.#loss.observe(packets, packets * fractionLost, sentRate, Math.min(this.#rate.bitrate, this.#remb), throughput);
  }

  /** A queue that our own probe has made is no reason to send less. */
  #takeUsage(now: number): BandwidthUsage {
    const usage = this.#intake.delay.takeUsage();
    return usage === 'overuse' && this.#probes.isDisturbing(now) ? 'underuse' : usage;
  }

  #onHeard(now: number): void {
    this.#heardAt = now;
    this.#sentSinceHeard = false;
  }

  #retarget(now: number): void {
    const target = clampBitrate(Math.min(this.#rate.bitrate, this.#loss.value, this.#remb), this.#limits);
    this.#probes.onFall(this.#target, target, now);
    this.#target = target;
  }
}
