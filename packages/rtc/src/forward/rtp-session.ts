import { randomInt } from 'node:crypto';
import type { Clock, Logger, MediaKind } from '@sluice/core';
import type { CongestionController } from '../congestion/congestion-controller.ts';
import type { CongestionLimits } from '../congestion/congestion-limits.ts';
import type { RtpOutlet } from '../outbound/rtp-outlet.ts';
import { parseRtcp } from '../rtp/rtcp-parse.ts';
import type { ReceiverTimeAnswer, ReportBlock, RtcpPacket } from '../rtp/rtcp-packets.ts';
import { receiverRoundTripTimeMs } from '../rtp/ntp.ts';
import { RoundTrip } from '../rtp/round-trip.ts';
import { RtpPacket } from '../rtp/rtp-packet.ts';
import { receives } from '../sdp/direction.ts';
import type { NegotiatedSection } from '../sdp/negotiated.ts';
import type { LocalSource } from '../sdp/write-description.ts';
import type { FanOut } from './fan-out.ts';
import { InboundDemux } from './inbound-demux.ts';
import { InboundTrack } from './inbound-track.ts';
import { ForwardingTrack } from './forwarding-track.ts';
import { OutboundCongestion } from './outbound-congestion.ts';
import { Periodic } from './periodic.ts';
import type { ProbePacer, Prober } from './probe-pacer.ts';
import { ReceiveFeedback } from './receive-feedback.ts';
import { RtcpSender, referenceTime } from './rtcp-sender.ts';

/** Of the periodic work for a viewer that has its picture. */
const VIEWER_INTERVAL_MS = 100;
/** Estimates count whole packets, rates of media their payload. */
const HEADER_FACTOR = 1.05;

/** What an RTP session is made from. */
export interface RtpSessionOptions {
  readonly sections: readonly NegotiatedSection[];
  /** By m-line index, for each m-line on which we send. */
  readonly sources: ReadonlyMap<number, LocalSource>;
  readonly cname: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keyframeIntervalMs: number;
  readonly keyframeCacheBytes: number;
  /** For how long packets are kept for NACKs, milliseconds. Default 2,000. */
  readonly retransmissionCacheMs?: number | undefined;
  readonly maxRetransmissionsPerSecond: number;
  /** Where an estimate of what a publisher's path bears begins, kbit/s; 0 = unknown. */
  readonly startBitrateKbps: number;
  /** Of what is estimated for this peer as a viewer. */
  readonly viewerBitrate: CongestionLimits;
  readonly fanOut: FanOut;
  readonly probePacer: ProbePacer;
  readonly outlet: RtpOutlet;
  /** Takes plaintext; the buffer is reused after the call. */
  sendRtcp(packet: Buffer): void;
  /** The publisher has said goodbye for all that it sent. */
  onGoodbye(): void;
}

/** All media of one peer after SRTP: finds tracks, answers and asks by RTCP, keeps the reports going. */
export class RtpSession implements Prober {
  readonly inbound: readonly InboundTrack[];
  readonly outbound: readonly ForwardingTrack[];
  readonly dropped = { malformedRtp: 0, unknownTrack: 0, malformedRtcp: 0 };
  readonly #options: RtpSessionOptions;
  readonly #demux: InboundDemux;
  readonly #localSsrc = randomInt(1, 2 ** 32 - 1);
  readonly #packet = new RtpPacket();
  readonly #roundTrip = new RoundTrip();
  readonly #feedback: ReceiveFeedback | undefined;
  readonly #congestion: OutboundCongestion | undefined;
  readonly #rtcp: RtcpSender;
  readonly #viewerTimer: Periodic;
  #wished = 0;

  constructor(options: RtpSessionOptions) {
    this.#options = options;
    const now = options.clock.monotonic();
    const media = options.sections.filter(isMedia);
    this.inbound = media.filter(({ direction }) => receives(direction)).map((section) => this.#createInbound(section));
    const sending = media.filter(({ index }) => options.sources.has(index));
    this.#congestion = sending.length === 0 ? undefined : this.#createCongestion(sending);
    this.outbound = sending.flatMap((section) => this.#createOutbound(section));
    this.#demux = new InboundDemux(this.inbound);
    this.#feedback = this.inbound.length === 0 ? undefined : this.#createFeedback(now);
    this.#rtcp = this.#createRtcpSender(media.some((section) => section.reducedSizeRtcp), now);
    this.#viewerTimer = new Periodic(VIEWER_INTERVAL_MS, now);
  }

  /** Begins to send; called once SRTP is ready. */
  start(): void {
    for (const track of this.outbound) track.start();
  }

  /** Round trip to the peer, milliseconds; undefined before the first measurement. */
  get roundTripMs(): number | undefined {
    return this.#roundTrip.ms;
  }

  /** What the publisher is told by REMB, bit/s; undefined where it makes the estimate. */
  get incomingEstimate(): number | undefined {
    return this.#feedback?.estimate;
  }

  /** What the peer's path carries as a viewer; undefined when nothing is sent to it. */
  get congestion(): CongestionController | undefined {
    return this.#congestion?.controller;
  }

  outboundOf(kind: MediaKind): ForwardingTrack | undefined {
    return this.outbound.find((track) => track.kind === kind);
  }

  /** Takes a decrypted RTP packet. */
  receiveRtp(buffer: Buffer, now: number): void {
    const packet = this.#packet;
    if (!packet.parse(buffer)) {
      this.dropped.malformedRtp++;
      return;
    }
    this.#feedback?.onPacket(packet, now);
    const track = this.#demux.find(packet);
    if (!track) {
      this.dropped.unknownTrack++;
      return;
    }
    track.receive(packet, now);
  }

  /** Takes a decrypted RTCP compound. */
  receiveRtcp(buffer: Buffer, now: number): void {
    for (const packet of parseRtcp(buffer)) this.#receiveControl(packet, now);
  }

  /** Sends what is due; called every few milliseconds, which a viewer with a picture has no need of. */
  tick(now: number): void {
    const isDue = this.#viewerTimer.due(now);
    if (isDue || this.#isUrgent()) this.#tick(now);
  }

  sendProbes(now: number): boolean {
    const { congestion } = this;
    const track = this.outbound.find(({ canProbe }) => canProbe);
    if (!congestion || !track) return false;
    const wanted = congestion.probeWanted(now);
    if (wanted) track.sendProbe(wanted.bytes);
    return congestion.isProbing;
  }

  close(): void {
    this.#options.probePacer.remove(this);
    for (const track of this.outbound) track.detach();
    for (const track of this.inbound) track.end();
  }

  #tick(now: number): void {
    for (const track of this.inbound) track.tick(now);
    for (const track of this.outbound) track.tick(now);
    this.#wish();
    this.#feedback?.tick(now);
    this.congestion?.tick(now);
    if (this.sendProbes(now)) this.#options.probePacer.add(this);
    this.#rtcp.tick(now);
  }

  /** A publisher is asked for losses at once, and a viewer waits for its picture. */
  #isUrgent(): boolean {
    if (this.inbound.length > 0) return true;
    for (const track of this.outbound) if (track.isWaiting) return true;
    return false;
  }

  #createInbound(section: MediaSection): InboundTrack {
    const { clock, logger, fanOut, keyframeIntervalMs, keyframeCacheBytes, retransmissionCacheMs } = this.#options;
    return new InboundTrack({
      kind: section.kind,
      section,
      clock,
      keyframeIntervalMs,
      keyframeCacheBytes,
      retransmissionCacheMs,
      logger,
      fanOut,
      localSsrc: this.#localSsrc,
      roundTrip: this.#roundTrip,
      sendFeedback: (packet) => this.#rtcp.sendFeedback(packet),
    });
  }

  #createOutbound(section: MediaSection): ForwardingTrack[] {
    const { clock, outlet, maxRetransmissionsPerSecond, retransmissionCacheMs } = this.#options;
    const source = this.#options.sources.get(section.index);
    if (!source) return [];
    const { ssrc, rtxSsrc } = source;
    const stamps = this.#congestion?.stampsOf(section);
    return [new ForwardingTrack({ ssrc, rtxSsrc, kind: section.kind, section, clock, outlet, stamps, maxRetransmissionsPerSecond, retransmissionCacheMs, path: () => this.#videoBudget() })];
  }

  /** What the path carries of video, beside the sound; payload bit/s. */
  #videoBudget(): number | undefined {
    const { congestion } = this;
    if (!congestion?.hasEstimate) return undefined;
    return Math.max(0, congestion.targetBitrate / HEADER_FACTOR - this.#soundBitrate());
  }

  /** Has looked whether a higher layer fits, when there is one. */
  #wish(): void {
    const video = this.outboundOf('video')?.desiredBitrate ?? 0;
    const wished = video === 0 ? 0 : (video + this.#soundBitrate()) * HEADER_FACTOR;
    if (!this.congestion || wished === this.#wished) return;
    this.#wished = wished;
    this.congestion.desiredBitrate = wished;
  }

  #soundBitrate(): number {
    return this.outboundOf('audio')?.bitrate ?? 0;
  }

  #createCongestion(sections: readonly MediaSection[]): OutboundCongestion {
    return new OutboundCongestion({ sections, limits: this.#options.viewerBitrate, roundTrip: this.#roundTrip });
  }

  #createFeedback(now: number): ReceiveFeedback {
    const { startBitrateKbps } = this.#options;
    const send = (packet: Buffer): void => this.#rtcp.sendFeedback(packet);
    return new ReceiveFeedback({ tracks: this.inbound, localSsrc: this.#localSsrc, startBitrateKbps, now, send });
  }

  #createRtcpSender(reducedSize: boolean, now: number): RtcpSender {
    const { cname } = this.#options;
    const send = (packet: Buffer): void => this.#options.sendRtcp(packet);
    return new RtcpSender({ inbound: this.inbound, outbound: this.outbound, localSsrc: this.#localSsrc, cname, reducedSize, now, send });
  }

  #receiveControl(packet: RtcpPacket, now: number): void {
    switch (packet.type) {
      case 'sender-report':
        this.#demux.bySsrc(packet.ssrc)?.onSenderReport(packet, now);
        return this.#receiveReports(packet.reports, now);
      case 'receiver-report':
        return this.#receiveReports(packet.reports, now);
      case 'extended-report':
        return this.#receiveTimeAnswers(packet.answers, now);
      case 'nack':
        return this.#outboundBySsrc(packet.mediaSsrc)?.onNack(packet.sequenceNumbers);
      case 'pli':
        return this.#outboundBySsrc(packet.mediaSsrc)?.onPictureLoss();
      case 'fir':
        for (const entry of packet.entries) this.#outboundBySsrc(entry.ssrc)?.onFullIntraRequest();
        return;
      case 'transport-cc':
        return this.congestion?.onFeedback(packet, now);
      case 'remb':
        return this.congestion?.onRemb(packet.bitrate, now);
      case 'bye':
        return this.#receiveGoodbye(packet.ssrcs, now);
      case 'malformed':
        this.dropped.malformedRtcp++;
        return;
      default:
        return;
    }
  }

  #receiveGoodbye(ssrcs: readonly number[], now: number): void {
    for (const ssrc of ssrcs) this.#demux.bySsrc(ssrc)?.onGoodbye(ssrc, now);
    const sending = this.inbound.filter((track) => track.receivedSsrcs.length > 0);
    if (sending.length > 0 && sending.every((track) => track.hasLeft(now))) this.#options.onGoodbye();
  }

  #receiveReports(reports: readonly ReportBlock[], now: number): void {
    for (const report of reports) {
      const track = this.#outboundBySsrc(report.ssrc);
      if (!track) continue;
      track.onReport(report);
      if (track.roundTripMs !== undefined) this.#roundTrip.onReport(track.roundTripMs, now);
      this.#congestion?.onReport(report, track.mid, now);
    }
  }

  #receiveTimeAnswers(answers: readonly ReceiverTimeAnswer[], now: number): void {
    const own = answers.find(({ ssrc }) => ssrc === this.#localSsrc);
    const roundTripMs = own && receiverRoundTripTimeMs(own, referenceTime(now));
    if (roundTripMs !== undefined) this.#roundTrip.onReport(roundTripMs, now);
  }

  #outboundBySsrc(ssrc: number): ForwardingTrack | undefined {
    return this.outbound.find((track) => track.ssrc === ssrc);
  }
}

type MediaSection = NegotiatedSection & { readonly kind: MediaKind };

function isMedia(section: NegotiatedSection): section is MediaSection {
  return !section.rejected && section.direction !== 'inactive' && (section.kind === 'audio' || section.kind === 'video');
}
