import type { Codec, LayerStats, TrackStats } from '@sluice/core';
import { KeyframeRequestThrottle } from '../rtp/keyframe-request-throttle.ts';
import type { ReportBlock, SenderReport } from '../rtp/rtcp-packets.ts';
import { writeFir, writeNack, writePli } from '../rtp/rtcp-write.ts';
import type { RoundTrip } from '../rtp/round-trip.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { unwrapRtx } from '../rtp/rtx.ts';
import { codecsMatch } from '../sdp/codec-match.ts';
import type { NegotiatedCodec, NegotiatedSection } from '../sdp/negotiated.ts';
import { InboundLayer } from './inbound-layer.ts';
import { LayerTable, type NewLayer } from './layer-table.ts';
import { MediaSource, type MediaSourceOptions } from './media-source.ts';
import type { NumberedExtension, SourceLayer } from './source-layer.ts';

/** What an inbound track is made from. */
export interface InboundTrackOptions extends MediaSourceOptions {
  readonly section: NegotiatedSection;
  /** SSRC of our RTCP towards the publisher. */
  readonly localSsrc: number;
  /** Least time between two keyframe requests, milliseconds. */
  readonly keyframeIntervalMs: number;
  /** To the publisher; its tracks share it. */
  readonly roundTrip: RoundTrip;
  /** Takes one plaintext RTCP feedback packet. */
  sendFeedback(packet: Buffer): void;
}

/** One m-line of a publisher: counts and repairs its layers, and passes them on. */
export class InboundTrack extends MediaSource {
  readonly mid: string;
  readonly codecs: readonly Codec[];
  readonly extensions: readonly NumberedExtension[];
  readonly dropped = { unknownPayloadType: 0, unknownLayer: 0, duplicate: 0, probing: 0, otherLayer: 0 };
  readonly #options: InboundTrackOptions;
  readonly #layers: LayerTable;
  readonly #byPayloadType = new Map<number, NegotiatedCodec>();
  readonly #byRtxPayloadType = new Map<number, NegotiatedCodec>();
  #codec: Codec | undefined;
  /** What subscribers of packets are given; without simulcast it is all that is passed on. */
  #primary: InboundLayer | undefined;
  #single: readonly InboundLayer[] = [];
  #keyframeWanted = false;
  #warnedOfBFrames = false;
  #pliCount = 0;
  #firCount = 0;

  constructor(options: InboundTrackOptions) {
    super(options);
    const { section } = options;
    this.#options = options;
    this.mid = section.mid;
    this.extensions = section.extensions;
    this.codecs = section.codecs.map(({ codec }) => codec);
    this.#layers = new LayerTable(section, (layer) => this.#createLayer(layer));
    for (const negotiated of section.codecs) {
      this.#byPayloadType.set(negotiated.payloadType, negotiated);
      if (negotiated.rtxPayloadType !== undefined) this.#byRtxPayloadType.set(negotiated.rtxPayloadType, negotiated);
    }
  }

  get codec(): Codec | undefined {
    return this.#codec;
  }

  get rids(): readonly string[] {
    return this.#options.section.rids.map(({ id }) => id);
  }

  get layers(): readonly SourceLayer[] {
    return this.#layers.simulcast.length > 0 ? this.#layers.simulcast : this.#single;
  }

  /** SSRCs that the publisher's SDP names for this m-line. */
  get signalledSsrcs(): readonly number[] {
    return this.#options.section.remoteSsrcs.flatMap(({ ssrc, rtxSsrc }) => (rtxSsrc === undefined ? [ssrc] : [ssrc, rtxSsrc]));
  }

  /** SSRCs of media that has come. */
  get receivedSsrcs(): readonly number[] {
    return this.#layers.all.map(({ ssrc }) => ssrc);
  }

  /** Whether the publisher takes REMB. */
  get takesEstimates(): boolean {
    return this.#options.section.codecs.some(({ feedback }) => feedback.includes('goog-remb'));
  }

  /** Of all layers, those that were lost too. */
  get expectedPackets(): number {
    return this.#layers.all.reduce((sum, { statistics }) => sum + statistics.packetsExpected, 0);
  }

  /** Of all layers, before any repair. */
  get lostPackets(): number {
    return this.#layers.all.reduce((sum, { statistics }) => sum + statistics.packetsLost, 0);
  }

  accepts(payloadType: number): boolean {
    return this.#byPayloadType.has(payloadType) || this.#byRtxPayloadType.has(payloadType);
  }

  /** Takes a decrypted packet that belongs to this m-line. */
  receive(packet: RtpPacket, now: number): void {
    const negotiated = this.#byPayloadType.get(packet.payloadType);
    if (negotiated) return this.#receiveMedia(packet, negotiated, now);
    const repaired = this.#byRtxPayloadType.get(packet.payloadType);
    if (repaired) return this.#receiveRtx(packet, repaired, now);
    this.dropped.unknownPayloadType++;
  }

  /** Sends the NACKs whose time has come. */
  tick(now: number): void {
    for (const layer of this.#layers.all) this.#sendNacks(layer, now);
  }

  onSenderReport(report: SenderReport, now: number): void {
    this.#layers.bySsrc(report.ssrc)?.onSenderReport(report, now);
  }

  onGoodbye(ssrc: number, now: number): void {
    const layer = this.#layers.bySsrc(ssrc);
    // That of an RTX stream says nothing of what it repairs.
    if (layer?.ssrc === ssrc) layer.onGoodbye(now);
  }

  /** Whether a layer has said goodbye and none sends. */
  hasLeft(now: number): boolean {
    const { all } = this.#layers;
    return all.some(({ hasLeft }) => hasLeft) && all.every((layer) => layer.hasLeft || layer.isSilent(now));
  }

  addReportBlocks(blocks: ReportBlock[], now: number): void {
    for (const layer of this.#layers.all) layer.addReportBlocks(blocks, now);
  }

  requestKeyframe(): void {
    if (this.kind !== 'video' || this.ended) return;
    if (this.#primary) this.#primary.requestKeyframe();
    else this.#keyframeWanted = true;
  }

  stats(): TrackStats {
    const now = this.clock.monotonic();
    const largest = this.layers.reduce<SourceLayer | undefined>((a, b) => ((a?.height ?? 0) > (b.height ?? 0) ? a : b), undefined);
    const layers = this.#layers.all.map((layer) => layer.stats(now));
    const shown = layers.find(({ ssrc }) => ssrc === (largest ?? this.#primary)?.ssrc);
    const sum = (count: (layer: LayerStats) => number): number => layers.reduce((total, layer) => total + count(layer), 0);
    return {
      packetsReceived: sum(({ packetsReceived }) => packetsReceived),
      bytesReceived: sum(({ bytesReceived }) => bytesReceived),
      packetsLost: sum(({ packetsLost }) => packetsLost),
      jitter: Math.max(0, ...layers.map(({ jitter }) => jitter)),
      framesReceived: sum(({ framesReceived }) => framesReceived),
      framesPerSecond: shown?.framesPerSecond,
      keyFramesReceived: sum(({ keyFramesReceived }) => keyFramesReceived),
      keyFrameDistance: shown?.keyFrameDistance,
      keyFrameInterval: shown?.keyFrameInterval,
      nackCount: sum(({ nackCount }) => nackCount),
      pliCount: this.#pliCount,
      firCount: this.#firCount,
      retransmittedPacketsReceived: sum(({ retransmittedPacketsReceived }) => retransmittedPacketsReceived),
      bitrate: sum(({ bitrate }) => bitrate),
      frameWidth: largest?.size?.width,
      frameHeight: largest?.size?.height,
      profileLevelId: layers.find(({ profileLevelId }) => profileLevelId !== undefined)?.profileLevelId,
      bFrames: layers.find(({ bFrames }) => bFrames !== undefined)?.bFrames,
      layers,
      dropped: { ...this.dropped, notStaged: this.notStaged },
    };
  }

  end(): void {
    for (const layer of this.#layers.all) layer.close();
    this.markEnded();
  }

  #receiveMedia(packet: RtpPacket, negotiated: NegotiatedCodec, now: number): void {
    const layer = this.#layers.ofMedia(packet, negotiated, now);
    if (!layer.receive(packet, now)) {
      this.dropped.duplicate++;
      return;
    }
    // A gap that this packet has opened is asked for at once.
    this.#sendNacks(layer, now);
    this.#pass(layer, packet, negotiated.codec, now);
  }

  #receiveRtx(packet: RtpPacket, repaired: NegotiatedCodec, now: number): void {
    const layer = this.#layers.ofRtx(packet);
    if (!layer) {
      this.dropped.unknownLayer++;
      return;
    }
    layer.receiveRtx(packet, now);
    if (!unwrapRtx(packet, layer.ssrc, repaired.payloadType)) {
      this.dropped.probing++;
      return;
    }
    if (!layer.receiveRetransmission(packet, now)) {
      this.dropped.duplicate++;
      return;
    }
    this.#pass(layer, packet, repaired.codec, now);
  }

  #pass(layer: InboundLayer, packet: RtpPacket, codec: Codec, now: number): void {
    const keyframe = this.kind === 'video' && layer.inspect(packet, codec, now);
    const isPrimary = layer === this.#primary || this.#makePrimary(layer, keyframe, now);
    if (!isPrimary && layer.rid === undefined) {
      this.dropped.otherLayer++;
      return;
    }
    this.#codec = this.#statedCodec(layer, codec);
    if (layer.hasBFrames) this.#warnOfBFrames();
    this.emit(layer, packet, this.#codec, keyframe, now, isPrimary);
  }

  /** The stream itself knows better than its description what profile it has. */
  #statedCodec(layer: InboundLayer, codec: Codec): Codec {
    const { profileLevelId } = layer;
    if (profileLevelId === undefined) return codec;
    const known = layer.stated?.described === codec ? layer.stated : { described: codec, profileLevelId: undefined, codec };
    if (known.profileLevelId === profileLevelId) return known.codec;
    const stated = { ...codec, parameters: { ...codec.parameters, 'profile-level-id': profileLevelId } };
    // Another level makes it no other codec, for which what viewers were sent before would be forgotten.
    const same = [codec, known.codec].find((candidate) => codecsMatch(candidate, stated));
    layer.stated = { described: codec, profileLevelId, codec: same ?? stated };
    return layer.stated.codec;
  }

  #warnOfBFrames(): void {
    if (this.#warnedOfBFrames) return;
    this.#warnedOfBFrames = true;
    this.#options.logger.warn({ track: this.id, codec: this.#codec?.name }, 'A publisher sends B-frames, which browsers do not show as they should; switch them off in its encoder');
  }

  /** The first usable layer is it until it falls silent; a stream without rid replaces the one before it. */
  #makePrimary(layer: InboundLayer, keyframe: boolean, now: number): boolean {
    const current = this.#primary;
    const isSimulcast = layer.rid !== undefined;
    if (current && !current.isSilent(now) && (isSimulcast || !this.#layers.isNewer(layer, current))) return false;
    if (isSimulcast && !keyframe) {
      if (this.hasRtpListeners) layer.requestKeyframe();
      return false;
    }
    this.#primary = layer;
    if (!isSimulcast) this.#single = [layer];
    if (this.#keyframeWanted && !keyframe) layer.requestKeyframe();
    this.#keyframeWanted = false;
    return true;
  }

  #createLayer({ ssrc, rid, codec, now }: NewLayer): InboundLayer {
    const { clock, keyframeIntervalMs, keyframeCacheBytes, retransmissionCacheMs, roundTrip } = this.#options;
    return new InboundLayer({
      kind: this.kind,
      ssrc,
      rid,
      sourceId: this.id,
      extensions: this.extensions,
      keyframeCacheBytes,
      retransmissionCacheMs,
      now,
      clockRate: codec.codec.clockRate,
      nack: codec.feedback.includes('nack'),
      roundTrip,
      keyframeRequests: new KeyframeRequestThrottle({ clock, intervalMs: keyframeIntervalMs, send: () => this.#sendKeyframeRequest(ssrc) }),
    });
  }

  #sendNacks(layer: InboundLayer, now: number): void {
    const due = layer.dueNacks(now);
    if (due.length > 0) {
      layer.nackCount++;
      this.#options.sendFeedback(writeNack(this.#options.localSsrc, layer.ssrc, due));
    }
    if (layer.nacks?.takeKeyframeNeed() && (layer.viewers > 0 || layer === this.#primary)) layer.requestKeyframe();
  }

  #sendKeyframeRequest(ssrc: number): void {
    if (this.kind !== 'video') return;
    this.#options.sendFeedback(this.#usesFirOnly() ? this.#writeFir(ssrc) : this.#writePli(ssrc));
  }

  #writePli(ssrc: number): Buffer {
    this.#pliCount++;
    return writePli(this.#options.localSsrc, ssrc);
  }

  #usesFirOnly(): boolean {
    const feedback = this.#options.section.codecs[0]?.feedback ?? [];
    return feedback.includes('ccm fir') && !feedback.includes('nack pli');
  }

  #writeFir(ssrc: number): Buffer {
    this.#firCount++;
    return writeFir(this.#options.localSsrc, [{ ssrc, sequenceNumber: this.#firCount & 0xff }]);
  }
}
