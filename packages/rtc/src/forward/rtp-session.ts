import { randomInt } from 'node:crypto';
import type { Clock, Logger, MediaKind } from '@sluice/core';
import type { RtpOutlet } from '../outbound/rtp-outlet.ts';
import { parseRtcp } from '../rtp/rtcp-parse.ts';
import type { ReceiverTimeAnswer, ReportBlock, RtcpPacket } from '../rtp/rtcp-packets.ts';
import { ntpFromUnixMs, receiverRoundTripTimeMs } from '../rtp/ntp.ts';
import { RoundTrip } from '../rtp/round-trip.ts';
import { joinCompound, writeReceiverReferenceTime, writeReceiverReport, writeSdes } from '../rtp/rtcp-write.ts';
import { RtpPacket } from '../rtp/rtp-packet.ts';
import { receives } from '../sdp/direction.ts';
import type { NegotiatedSection } from '../sdp/negotiated.ts';
import type { LocalSource } from '../sdp/write-description.ts';
import type { FanOut } from './fan-out.ts';
import { InboundDemux } from './inbound-demux.ts';
import { InboundTrack } from './inbound-track.ts';
import { ForwardingTrack } from './forwarding-track.ts';
import { Periodic } from './periodic.ts';
import { ReceiveFeedback } from './receive-feedback.ts';

const REPORT_INTERVAL_MS = 1000;
/** The first sender reports come quickly, so that a viewer has lips in sync from the start. */
const EARLY_REPORT_INTERVAL_MS = 200;
const EARLY_REPORTS = 5;

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
  readonly maxRetransmissionsPerSecond: number;
  /** Where an estimate of what a publisher's path bears begins, kbit/s; 0 = unknown. */
  readonly startBitrateKbps: number;
  readonly fanOut: FanOut;
  readonly outlet: RtpOutlet;
  /** Takes plaintext; the buffer is reused after the call. */
  sendRtcp(packet: Buffer): void;
}

/** All media of one peer after SRTP: finds tracks, answers and asks by RTCP, keeps the reports going. */
export class RtpSession {
  readonly inbound: readonly InboundTrack[];
  readonly outbound: readonly ForwardingTrack[];
  readonly dropped = { malformedRtp: 0, unknownTrack: 0, malformedRtcp: 0 };
  readonly #options: RtpSessionOptions;
  readonly #demux: InboundDemux;
  readonly #localSsrc = randomInt(1, 2 ** 32 - 1);
  readonly #packet = new RtpPacket();
  readonly #roundTrip = new RoundTrip();
  readonly #feedback: ReceiveFeedback | undefined;
  readonly #reducedSize: boolean;
  readonly #receiverReportTimer: Periodic;
  readonly #senderReportTimer: Periodic;
  #senderReports = 0;

  constructor(options: RtpSessionOptions) {
    this.#options = options;
    const now = options.clock.monotonic();
    const media = options.sections.filter(isMedia);
    this.inbound = media.filter(({ direction }) => receives(direction)).map((section) => this.#createInbound(section));
    this.outbound = media.flatMap((section) => this.#createOutbound(section));
    this.#demux = new InboundDemux(this.inbound);
    this.#feedback = this.inbound.length === 0 ? undefined : this.#createFeedback(now);
    this.#reducedSize = media.some((section) => section.reducedSizeRtcp);
    this.#receiverReportTimer = new Periodic(REPORT_INTERVAL_MS, now);
    this.#senderReportTimer = new Periodic(EARLY_REPORT_INTERVAL_MS, now);
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

  /** Sends what is due; called every few milliseconds. */
  tick(now: number): void {
    for (const track of this.inbound) track.tick(now);
    for (const track of this.outbound) track.tick(now);
    this.#feedback?.tick(now);
    if (this.inbound.length > 0 && this.#receiverReportTimer.due(now)) this.#sendReceiverReport(now);
    if (this.outbound.length > 0 && this.#senderReportTimer.due(now)) this.#sendSenderReports(now);
  }

  close(): void {
    for (const track of this.outbound) track.detach();
    for (const track of this.inbound) track.end();
  }

  #createInbound(section: MediaSection): InboundTrack {
    const { clock, logger, fanOut, keyframeIntervalMs, keyframeCacheBytes } = this.#options;
    return new InboundTrack({
      kind: section.kind,
      section,
      clock,
      keyframeIntervalMs,
      keyframeCacheBytes,
      logger,
      fanOut,
      localSsrc: this.#localSsrc,
      roundTrip: this.#roundTrip,
      sendFeedback: (packet) => this.#sendFeedback(packet),
    });
  }

  #createOutbound(section: MediaSection): ForwardingTrack[] {
    const { clock, outlet, maxRetransmissionsPerSecond } = this.#options;
    const source = this.#options.sources.get(section.index);
    if (!source) return [];
    const { ssrc, rtxSsrc } = source;
    return [new ForwardingTrack({ ssrc, rtxSsrc, kind: section.kind, section, clock, outlet, maxRetransmissionsPerSecond })];
  }

  #createFeedback(now: number): ReceiveFeedback {
    const { startBitrateKbps } = this.#options;
    const send = (packet: Buffer): void => this.#sendFeedback(packet);
    return new ReceiveFeedback({ tracks: this.inbound, localSsrc: this.#localSsrc, startBitrateKbps, now, send });
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
      case 'malformed':
        this.dropped.malformedRtcp++;
        return;
      default:
        return;
    }
  }

  #receiveReports(reports: readonly ReportBlock[], now: number): void {
    for (const report of reports) {
      const track = this.#outboundBySsrc(report.ssrc);
      track?.onReport(report);
      const roundTripMs = track?.roundTripMs;
      if (roundTripMs !== undefined) this.#roundTrip.onReport(roundTripMs, now);
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

  #sendReceiverReport(now: number): void {
    const blocks: ReportBlock[] = [];
    for (const track of this.inbound) track.addReportBlocks(blocks, now);
    if (blocks.length === 0) return;
    // Extended reports may be used without signalling (RFC 3611 section 5); who does not know them passes over them.
    const reference = writeReceiverReferenceTime(this.#localSsrc, referenceTime(now));
    this.#options.sendRtcp(joinCompound([writeReceiverReport(this.#localSsrc, blocks), this.#description(this.#localSsrc), reference]));
  }

  #sendSenderReports(now: number): void {
    for (const track of this.outbound) {
      const report = track.senderReport(now);
      if (!report) continue;
      this.#options.sendRtcp(joinCompound([report, this.#description(track.ssrc)]));
      this.#senderReports++;
    }
    if (this.#senderReports >= EARLY_REPORTS * this.outbound.length) this.#senderReportTimer.intervalMs = REPORT_INTERVAL_MS;
  }

  /** A peer without reduced-size RTCP wants feedback in a compound that begins with a report (RFC 5506). */
  #sendFeedback(packet: Buffer): void {
    if (this.#reducedSize) return this.#options.sendRtcp(packet);
    const report = writeReceiverReport(this.#localSsrc, []);
    this.#options.sendRtcp(joinCompound([report, this.#description(this.#localSsrc), packet]));
  }

  #description(ssrc: number): Buffer {
    return writeSdes(ssrc, this.#options.cname);
  }
}

/** A clock that no one sets; the peer only hands its time back. */
function referenceTime(now: number): bigint {
  return ntpFromUnixMs(now);
}

type MediaSection = NegotiatedSection & { readonly kind: MediaKind };

function isMedia(section: NegotiatedSection): section is MediaSection {
  return !section.rejected && section.direction !== 'inactive' && (section.kind === 'audio' || section.kind === 'video');
}
