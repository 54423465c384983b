import { randomInt } from 'node:crypto';
import type { Codec, LocalTrack, TrackStats, Undo } from '@sluice/core';
import { Listeners } from '../listeners.ts';
import { isKeyframe, keyframeSize } from '../rtp/keyframe/keyframe.ts';
import { ntpFromUnixMs } from '../rtp/ntp.ts';
import { RateMeter } from '../rtp/rate-meter.ts';
import { writeRtpHeader } from '../rtp/rtp-header.ts';
import { RTP_FIXED_HEADER_LENGTH, RtpPacket } from '../rtp/rtp-packet.ts';
import { MediaSource, type MediaSourceOptions } from './media-source.ts';
import { PictureStatistics } from './picture-statistics.ts';
import { type ClockMapping, SourceLayer, type SourceLayerOptions } from './source-layer.ts';

/** What a local track is made from. */
export interface LocalMediaTrackOptions extends MediaSourceOptions {
  readonly codec: Codec;
}

/** What only the source knows about its one layer. */
interface LocalLayerOptions extends SourceLayerOptions {
  clockMapping(): ClockMapping | undefined;
  requestKeyframe(): void;
}

class LocalLayer extends SourceLayer {
  readonly #options: LocalLayerOptions;

  constructor(options: LocalLayerOptions) {
    super(options);
    this.#options = options;
  }

  get clockMapping(): ClockMapping | undefined {
    return this.#options.clockMapping();
  }

  requestKeyframe(): void {
    this.#options.requestKeyframe();
  }
}

/** A source whose packets this process makes. */
export class LocalMediaTrack extends MediaSource implements LocalTrack {
  readonly codec: Codec;
  readonly codecs: readonly Codec[];
  readonly extensions = [];
  readonly rids = [];
  readonly layers: readonly SourceLayer[];
  readonly #ssrc = randomInt(1, 2 ** 32 - 1);
  readonly #packet = new RtpPacket();
  readonly #rate = new RateMeter();
  readonly #keyframeListeners: Listeners<[]>;
  #sequenceNumber = randomInt(0x8000);
  /** The timestamp written last, and when. */
  #last: { readonly timestamp: number; readonly at: number; readonly unixMs: number } | undefined;
  #packets = 0;
  #bytes = 0;
  readonly #pictures: PictureStatistics | undefined;
  #keyframeRequests = 0;
  readonly #layer: LocalLayer;

  constructor(options: LocalMediaTrackOptions) {
    super(options);
    this.codec = options.codec;
    this.#pictures = options.kind === 'video' ? new PictureStatistics() : undefined;
    this.codecs = [options.codec];
    this.#keyframeListeners = new Listeners(options.logger);
    this.#layer = new LocalLayer({
      kind: options.kind,
      ssrc: this.#ssrc,
      rid: undefined,
      sourceId: this.id,
      extensions: this.extensions,
      keyframeCacheBytes: options.keyframeCacheBytes,
      retransmissionCacheMs: options.retransmissionCacheMs,
      now: options.clock.monotonic(),
      clockMapping: () => this.#clockMapping(),
      requestKeyframe: () => this.requestKeyframe(),
    });
    this.layers = [this.#layer];
  }

  write(packet: { readonly payload: Uint8Array; readonly timestamp: number; readonly marker: boolean }): void {
    if (this.ended) return;
    const buffer = Buffer.allocUnsafe(RTP_FIXED_HEADER_LENGTH + packet.payload.length);
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    const header = { marker: packet.marker, payloadType: 0, sequenceNumber: this.#sequenceNumber, timestamp: packet.timestamp, ssrc: this.#ssrc };
    buffer.set(packet.payload, writeRtpHeader(buffer, header));
    if (!this.#packet.parse(buffer)) return;
    const at = this.clock.monotonic();
    this.#last = { timestamp: packet.timestamp, at, unixMs: this.clock.now() };
    this.#pass(this.#packet, at);
  }

  requestKeyframe(): void {
    this.#keyframeRequests++;
    this.#keyframeListeners.emit();
  }

  onKeyframeRequest(listener: () => void): Undo {
    return this.#keyframeListeners.add(listener);
  }

  end(): void {
    this.#keyframeListeners.clear();
    this.markEnded();
  }

  stats(): TrackStats {
    const now = this.clock.monotonic();
    return {
      packetsReceived: this.#packets,
      bytesReceived: this.#bytes,
      packetsLost: 0,
      jitter: 0,
      framesReceived: 0,
      keyFramesReceived: 0,
      ...this.#pictures?.figures(now),
      nackCount: 0,
      pliCount: this.#keyframeRequests,
      firCount: 0,
      retransmittedPacketsReceived: 0,
      bitrate: this.#rate.bitrate(now),
      frameWidth: this.#layer.size?.width,
      frameHeight: this.#layer.size?.height,
      layers: [],
      dropped: { notStaged: this.notStaged },
    };
  }

  #clockMapping(): ClockMapping | undefined {
    if (!this.#last) return undefined;
    const { timestamp, at, unixMs } = this.#last;
    return { ssrc: this.#ssrc, rtpTimestamp: timestamp, ntpTimestamp: ntpFromUnixMs(unixMs), at };
  }

  #pass(packet: RtpPacket, now: number): void {
    const { name } = this.codec;
    const keyframe = this.kind === 'video' && isKeyframe(name, packet.buffer, packet.payloadOffset, packet.payloadEnd);
    this.#packets++;
    this.#bytes += packet.payloadLength;
    this.#rate.add(packet.payloadLength, now);
    this.#pictures?.onPacket(packet, keyframe, now);
    if (keyframe) this.#layer.size = keyframeSize(name, packet.buffer, packet.payloadOffset, packet.payloadEnd) ?? this.#layer.size;
    this.emit(this.#layer, packet, this.codec, keyframe, now);
  }
}
