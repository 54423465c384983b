import type { Codec, LayerStats } from '@sluice/core';
import { isKeyframe, keyframeSize } from '../rtp/keyframe/keyframe.ts';
import type { KeyframeRequestThrottle } from '../rtp/keyframe-request-throttle.ts';
import { NackGenerator } from '../rtp/nack-generator.ts';
import { ReceiveStatistics } from '../rtp/receive-statistics.ts';
import type { ReportBlock, SenderReport } from '../rtp/rtcp-packets.ts';
import type { RoundTrip } from '../rtp/round-trip.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { PictureStatistics } from './picture-statistics.ts';
import { type ClockMapping, SourceLayer, type SourceLayerOptions } from './source-layer.ts';
import { StreamInspection } from './stream-inspection.ts';

/** Until the first report, or the first repaired loss, has shown how long the way there and back takes. */
const INITIAL_ROUND_TRIP_MS = 60;
const NOTHING: readonly number[] = [];
const NO_PICTURES = { framesReceived: 0, keyFramesReceived: 0 };

/** What a layer is made from. */
export interface InboundLayerOptions extends SourceLayerOptions {
  /** Hz. */
  readonly clockRate: number;
  /** Whether lost packets are asked for again (`nack` was negotiated). */
  readonly nack: boolean;
  /** To the publisher; all its layers measure it together. */
  readonly roundTrip: RoundTrip;
  /** Sends requests for keyframes of this layer; closed with it. */
  readonly keyframeRequests: KeyframeRequestThrottle;
}

/** One RTP stream of a publisher's m-line: a simulcast layer, or the only one. */
export class InboundLayer extends SourceLayer {
  readonly statistics: ReceiveStatistics;
  readonly nacks: NackGenerator | undefined;
  /** What the description says, and what the stream itself says that its codec is. */
  stated: { readonly described: Codec; readonly profileLevelId: string; readonly codec: Codec } | undefined;
  /** NACK packets sent. */
  nackCount = 0;
  clockMapping: ClockMapping | undefined;
  /** Whether the publisher has said that nothing more comes, and nothing has. */
  hasLeft = false;
  readonly #clockRate: number;
  readonly #roundTrip: RoundTrip;
  readonly #keyframeRequests: KeyframeRequestThrottle;
  /** RTX has sequence numbers, and so statistics, of its own (RFC 4588 section 4). */
  #rtxStatistics: ReceiveStatistics | undefined;
  #rtxSsrc: number | undefined;
  readonly #pictures: PictureStatistics | undefined;
  #inspection: StreamInspection | undefined;

  constructor(options: InboundLayerOptions) {
    super(options);
    this.#clockRate = options.clockRate;
    this.#pictures = options.kind === 'video' ? new PictureStatistics() : undefined;
    this.#keyframeRequests = options.keyframeRequests;
    this.statistics = new ReceiveStatistics(options.ssrc, options.clockRate);
    const { roundTrip } = options;
    this.#roundTrip = roundTrip;
    this.nacks = options.nack ? new NackGenerator({ onAnswer: (elapsedMs, at) => roundTrip.onAnswer(elapsedMs, at) }) : undefined;
  }

  /** `profile-level-id` that an H264 stream states itself. */
  get profileLevelId(): string | undefined {
    return this.#inspection?.profileLevelId;
  }

  get hasBFrames(): boolean {
    return this.#inspection?.hasBFrames ?? false;
  }

  stats(now: number): LayerStats {
    const { statistics, nacks } = this;
    return {
      ssrc: this.ssrc,
      rid: this.rid,
      packetsReceived: statistics.packets,
      bytesReceived: statistics.bytes,
      packetsLost: nacks ? nacks.missing + nacks.givenUp : Math.max(0, statistics.packetsLost),
      jitter: statistics.jitterMs / 1000,
      ...(this.#pictures?.figures(now) ?? NO_PICTURES),
      nackCount: this.nackCount,
      retransmittedPacketsReceived: nacks?.recovered ?? 0,
      bitrate: statistics.bitrate(now),
      frameWidth: this.size?.width,
      frameHeight: this.size?.height,
      profileLevelId: this.profileLevelId,
      bFrames: this.#inspection?.hasBFrames,
      viewers: this.viewers,
    };
  }

  requestKeyframe(): void {
    this.#keyframeRequests.request();
  }

  /** The layer is gone: nothing is asked for any more. Idempotent. */
  close(): void {
    this.#keyframeRequests.close();
  }

  /** Counts a packet of this SSRC. @returns false for a duplicate */
  receive(packet: RtpPacket, now: number): boolean {
    this.statistics.onPacket(packet.sequenceNumber, packet.timestamp, packet.payloadLength, now);
    this.hasLeft = false;
    return this.nacks?.onPacket(packet.sequenceNumber, now) !== 'duplicate';
  }

  /** Counts a packet of the RTX stream, before it is unwrapped. */
  receiveRtx(packet: RtpPacket, now: number): void {
    if (this.#rtxSsrc !== packet.ssrc) this.#rtxStatistics = new ReceiveStatistics(packet.ssrc, this.#clockRate);
    this.#rtxSsrc = packet.ssrc;
    this.#rtxStatistics?.onPacket(packet.sequenceNumber, packet.timestamp, packet.payloadLength, now);
  }

  /** @returns false when the packet had come already, as probing repeats packets too */
  receiveRetransmission(packet: RtpPacket, now: number): boolean {
    return this.nacks !== undefined && this.nacks.onRetransmission(packet.sequenceNumber, now) !== 'duplicate';
  }

  /** Sequence numbers to ask for now (RFC 4585 section 6.2.1). */
  dueNacks(now: number): readonly number[] {
    return this.nacks?.due(now, this.#roundTrip.patienceMs ?? INITIAL_ROUND_TRIP_MS) ?? NOTHING;
  }

  /** Counts the pictures of a packet of video that was not here before, and looks into it. @returns whether a keyframe begins */
  inspect(packet: RtpPacket, codec: Codec, now: number): boolean {
    const { buffer, payloadOffset, payloadEnd } = packet;
    const keyframe = isKeyframe(codec.name, buffer, payloadOffset, payloadEnd);
    this.#pictures?.onPacket(packet, keyframe, now);
    if (StreamInspection.concerns(codec)) this.#inspection ??= new StreamInspection(codec.name);
    this.#inspection?.onPacket(packet, keyframe);
    if (!keyframe) return false;
    this.nacks?.onKeyframe(packet.sequenceNumber);
    this.#keyframeRequests.onKeyframe();
    this.size = keyframeSize(codec.name, buffer, payloadOffset, payloadEnd) ?? this.size;
    return true;
  }

  /** A BYE names it (RFC 3550 section 6.3.7). */
  onGoodbye(now: number): void {
    this.hasLeft = true;
    this.fallSilent(now);
  }

  onSenderReport(report: SenderReport, now: number): void {
    if (report.ssrc === this.#rtxSsrc) {
      this.#rtxStatistics?.onSenderReport(report.ntpTimestamp, now);
      return;
    }
    const { ssrc, rtpTimestamp, ntpTimestamp } = report;
    this.statistics.onSenderReport(ntpTimestamp, now);
    this.clockMapping = { ssrc, rtpTimestamp, ntpTimestamp, at: now };
  }

  /** Adds a report block for each SSRC that has sent something (RFC 3550 section 6.4). */
  addReportBlocks(blocks: ReportBlock[], now: number): void {
    const primary = this.statistics.report(now);
    if (primary) blocks.push(primary);
    const rtx = this.#rtxStatistics?.report(now);
    if (rtx) blocks.push(rtx);
  }
}
