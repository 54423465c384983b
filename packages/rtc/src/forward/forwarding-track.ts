import type { Clock, Codec, MediaKind, OutboundTrack, OutboundTrackStats, Undo } from '@sluice/core';
import type { RtpOutlet } from '../outbound/rtp-outlet.ts';
import type { ReportBlock } from '../rtp/rtcp-packets.ts';
import { redPrimaryOffset } from '../rtp/red.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import type { NegotiatedSection } from '../sdp/negotiated.ts';
import { parseLayerLimit } from './layer-limit.ts';
import type { LayerLimit } from './layer-selector.ts';
import type { MediaSource, SourceSink } from './media-source.ts';
import { type OutboundHeader, PacketWriter } from './packet-writer.ts';
import { PictureRenumbering } from './picture-renumbering.ts';
import { Retransmitter } from './retransmitter.ts';
import { SendStamps } from './send-stamps.ts';
import { SenderReports } from './sender-reports.ts';
import { SentCounts } from './sent-counts.ts';
import type { SentSegment } from './sent-segment.ts';
import type { SourceLayer } from './source-layer.ts';
import { StreamRewriter } from './stream-rewriter.ts';
import type { StagedPacket, StagedPackets } from './staged-packet.ts';
import { ViewerCodec } from './viewer-codec.ts';
import { type PathEstimate, ViewerLayers } from './viewer-layers.ts';

/** What an outbound track is made from. */
export interface ForwardingTrackOptions {
  readonly kind: MediaKind;
  readonly section: NegotiatedSection;
  readonly ssrc: number;
  /** Undefined when no RTX was negotiated. */
  readonly rtxSsrc: number | undefined;
  readonly clock: Clock;
  /** Bound of what NACKs are answered, packets per second. */
  readonly maxRetransmissionsPerSecond: number;
  /** For how long sources keep packets for NACKs, milliseconds. Default 2,000. */
  readonly retransmissionCacheMs?: number | undefined;
  readonly outlet: RtpOutlet;
  /** What packets carry for the estimate of the viewer's bandwidth; nothing when absent. */
  readonly stamps?: SendStamps | undefined;
  /** Asked for layers to be chosen by; nothing is known of the path when absent. */
  readonly path?: PathEstimate | undefined;
}

/** One m-line on which a viewer is sent a source, under the viewer's own numbers. */
export class ForwardingTrack implements OutboundTrack, SourceSink {
  readonly kind: MediaKind;
  readonly mid: string;
  readonly ssrc: number;
  readonly rtxSsrc: number | undefined;
  readonly dropped = { noCodec: 0, malformedRed: 0, otherLayer: 0, temporalLayer: 0, waitingForKeyframe: 0, beforeStart: 0, duplicate: 0, tooLarge: 0, notSent: 0, overBudget: 0, notInHistory: 0, needsRtx: 0 };
  readonly #options: ForwardingTrackOptions;
  readonly #stamps: SendStamps;
  readonly #writer: PacketWriter;
  readonly #rewriter: StreamRewriter;
  readonly #reports: SenderReports;
  readonly #counts = new SentCounts();
  readonly #codec: ViewerCodec;
  readonly #header: OutboundHeader = { marker: false, payloadType: 0, sequenceNumber: 0, timestamp: 0, ssrc: 0 };
  readonly #pictures = new PictureRenumbering();
  readonly #retransmitter: Retransmitter;
  readonly #layers: ViewerLayers;
  readonly #toViewerTimestamp: (timestamp: number) => number;
  #source: MediaSource | undefined;
  #leaveSource: Undo | undefined;
  #started = false;
  #lastSequenceNumber = 0;

  constructor(options: ForwardingTrackOptions) {
    const { section, clock } = options;
    const clockRate = section.codecs[0]?.codec.clockRate ?? 90_000;
    this.#options = options;
    this.kind = options.kind;
    this.mid = section.mid;
    this.ssrc = options.ssrc;
    this.rtxSsrc = options.rtxSsrc;
    this.#stamps = options.stamps ?? new SendStamps();
    this.#writer = new PacketWriter(options.outlet, section.mid, section.extensions, this.#stamps);
    this.#rewriter = new StreamRewriter(clockRate, options.retransmissionCacheMs);
    this.#reports = new SenderReports(clockRate);
    this.#codec = new ViewerCodec(section.codecs);
    this.#retransmitter = new Retransmitter({
      ssrc: this.ssrc,
      rtxSsrc: this.rtxSsrc,
      clock,
      writer: this.#writer,
      rewriter: this.#rewriter,
      stamps: this.#stamps,
      pictures: this.#pictures,
      counts: this.#counts,
      dropped: this.dropped,
      maxPerSecond: options.maxRetransmissionsPerSecond,
    });
    this.#layers = new ViewerLayers(options.kind === 'video', options.path);
    this.#toViewerTimestamp = (timestamp) => this.#rewriter.current?.timestamp(timestamp) ?? timestamp;
  }

  get source(): MediaSource | undefined {
    return this.#source;
  }

  /** Times that a keyframe came from the source's cache. */
  get replays(): number {
    return this.#layers.switch.replays;
  }

  get roundTripMs(): number | undefined {
    return this.#reports.roundTripMs;
  }

  /** Payload bit/s over the last second or so. */
  get bitrate(): number {
    return this.#counts.bitrate(this.#options.clock.monotonic());
  }

  /** What would be sent of the source if the path carried it, bit/s; 0 while nothing better is there. */
  get desiredBitrate(): number {
    return this.#layers.desiredBitrate;
  }

  /**
   * Sends this source from now on, from a keyframe when it is video.
   * @param limit of its layers; as it was when absent
   */
  attach(source: MediaSource, limit: LayerLimit = this.#layers.selector.limit): void {
    this.detach();
    this.#source = source;
    this.#layers.selector.limit = limit;
    this.#leaveSource = source.addSink(this);
    if (this.#started) this.#begin();
  }

  limitLayer(layer: string | undefined): void {
    this.#layers.selector.limit = parseLayerLimit(layer, this.#source?.rids ?? []);
  }

  detach(): void {
    this.#leaveSource?.();
    this.#leaveSource = undefined;
    this.#source = undefined;
    this.#rewriter.leave();
    this.#layers.begin(undefined, this.#options.clock.monotonic());
  }

  /** Begins to send; called once the transport is connected. */
  start(): void {
    this.#started = true;
    this.#begin();
  }

  onSourcePackets(packets: StagedPackets, now: number): void {
    if (!this.#started) return;
    this.#layers.follow(now);
    for (let index = 0; index < packets.count; index++) {
      const staged = packets.at(index);
      if (!staged) return;
      const { layer, view, keyframe } = staged;
      const admission = this.#layers.switch.admit(layer, view, keyframe, now);
      if (admission === 'live') this.#forwardLive(staged, now);
      else if (admission === 'otherLayer') this.dropped.otherLayer++;
      else if (admission === 'waiting') this.dropped.waitingForKeyframe++;
    }
  }

  /** Chooses the layer, and goes on with a replay; called every few milliseconds. */
  tick(now: number): void {
    if (!this.#started) return;
    this.#layers.tick(now);
    this.#rewriter.forgetPast(now);
    if (this.isWaiting) this.#advance(now);
  }

  #forwardLive(staged: StagedPacket, now: number): void {
    const { layer, view, codec, keyframe } = staged;
    if (this.#layers.leavesOut(staged, this.#rewriter.current, this.#pictures)) this.dropped.temporalLayer++;
    else this.#forward(layer, view, codec, keyframe, now, staged);
  }

  #advance(now: number): void {
    const { switch: layers } = this.#layers;
    // What the cache has is replayed, so that nothing of it may come again as live.
    this.#source?.flush(now);
    if (layers.lostGroup) {
      this.#rewriter.leave();
      layers.restart(now);
    }
    this.#tryReplay(now);
    layers.step((packet, codec, keyframe) => {
      if (layers.current) this.#forward(layers.current, packet, codec, keyframe, now);
    });
    layers.tick(now);
  }

  #begin(): void {
    const now = this.#options.clock.monotonic();
    this.#rewriter.leave();
    this.#layers.begin(this.#source, now);
    this.#tryReplay(now);
    this.#layers.switch.tick(now);
  }

  #tryReplay(now: number): void {
    const { switch: layers } = this.#layers;
    const cache = layers.tryReplay(now);
    const negotiated = cache?.codec && this.#codec.of(cache.codec);
    if (cache && negotiated && layers.current) this.#rewriter.startReplay(layers.current, negotiated, cache, now);
  }

  #forward(layer: SourceLayer, packet: RtpPacket, codec: Codec, keyframe: boolean, now: number, staged?: StagedPacket): void {
    const negotiated = this.#codec.of(codec);
    if (!negotiated) {
      this.dropped.noCodec++;
      return;
    }
    const sequence = staged?.sequence ?? layer.unwrap(packet.sequenceNumber);
    const segment = this.#rewriter.follow(layer, negotiated, packet.sequenceNumber) ?? this.#rewriter.start(layer, negotiated, sequence, packet.timestamp, now);
    const payloadOffset = staged?.payloadOffset;
    if (this.#codec.unwrapsRed) this.#sendPrimary(packet, segment, now, payloadOffset);
    else this.#send(packet, segment, keyframe, now, payloadOffset);
  }

  /** Of RED (RFC 2198) the primary encoding, for a viewer that takes only that. */
  #sendPrimary(packet: RtpPacket, segment: SentSegment, now: number, payloadOffset?: number): void {
    const whole = packet.payloadOffset;
    const primary = redPrimaryOffset(packet.buffer, whole, packet.payloadEnd);
    if (primary < 0) {
      this.dropped.malformedRed++;
      return;
    }
    // The view is all viewers', so it is put back.
    packet.payloadOffset = primary;
    this.#send(packet, segment, false, now, payloadOffset === undefined ? undefined : payloadOffset + primary - whole);
    packet.payloadOffset = whole;
  }

  onSourceEnded(): void {
    this.detach();
  }

  /** Answers a NACK (RFC 4585 section 6.2.1) from the source's history. */
  onNack(sequenceNumbers: readonly number[]): void {
    this.#retransmitter.answer(sequenceNumbers);
  }

  /** Whether the viewer waits for a picture, or is served one from the cache. */
  get isWaiting(): boolean {
    return this.#started && this.#layers.switch.isShut;
  }

  /** Whether {@link sendProbe} can send anything. */
  get canProbe(): boolean {
    return this.#counts.packets > 0 && this.rtxSsrc !== undefined && this.#codec.current?.rtxPayloadType !== undefined;
  }

  /** Sends the last packets once more as retransmissions (RFC 4588), about so many bytes of them; a viewer drops what it has. */
  sendProbe(bytes: number): void {
    if (this.canProbe) this.#retransmitter.probe(this.#lastSequenceNumber, bytes);
  }

  /** A viewer's PLI (RFC 4585 section 6.3.1). */
  onPictureLoss(): void {
    this.#counts.pictureLosses++;
    this.#layers.switch.requestKeyframe(this.#options.clock.monotonic());
  }

  /** A viewer's FIR (RFC 5104 section 4.3.1). */
  onFullIntraRequest(): void {
    this.#counts.fullIntraRequests++;
    this.#layers.switch.requestKeyframe(this.#options.clock.monotonic());
  }

  onReport(report: ReportBlock): void {
    this.#reports.onReport(report, this.#options.clock.monotonic());
    this.#layers.selector.onLoss(report.fractionLost / 256);
  }

  /** @returns undefined before the first packet, and while the source's clock is unknown */
  senderReport(now: number): Buffer | undefined {
    const mapping = this.#rewriter.current?.layer.clockMapping;
    if (!mapping || this.#counts.packets === 0) return undefined;
    const counts = { ssrc: this.ssrc, packetCount: this.#counts.packets, octetCount: this.#counts.bytes };
    return this.#reports.write(mapping, this.#toViewerTimestamp, counts, now);
  }

  stats(): OutboundTrackStats {
    return { ...this.#counts.stats(this.#options.clock.monotonic()), dropped: { ...this.dropped }, ...this.#layers.stats() };
  }

  #send(packet: RtpPacket, segment: SentSegment, keyframe: boolean, now: number, payloadOffset?: number): void {
    const sequence = segment.viewerSequence(packet.sequenceNumber);
    if (sequence === undefined) {
      this.dropped.beforeStart++;
      return;
    }
    if (!this.#rewriter.isUnused(sequence)) {
      this.dropped.duplicate++;
      return;
    }
    const header = this.#header;
    header.marker = packet.marker;
    header.payloadType = segment.codec.payloadType;
    header.sequenceNumber = sequence & 0xffff;
    header.timestamp = segment.packetTimestamp(packet.sequenceNumber, packet.timestamp);
    header.ssrc = this.ssrc;
    this.#writer.mapExtensions(segment.layer.extensions);
    const patch = this.#pictures.patchOf(packet, segment);
    const written = this.#writer.send(header, packet, now, patch ? undefined : payloadOffset, patch);
    if (written !== 'sent') {
      this.dropped[written]++;
      return;
    }
    this.#rewriter.sent(sequence, header.timestamp, now);
    this.#lastSequenceNumber = header.sequenceNumber;
    this.#counts.add(packet, keyframe, now);
  }
}
