import { type Codec, HEADER_EXTENSIONS, type MediaKind } from '@sluice/core';
import type { FrameSize } from '../rtp/keyframe/frame-size.ts';
import { DEFAULT_RETRANSMISSION_CACHE_MS, PacketHistory } from '../rtp/packet-history.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { LayerMark } from '../rtp/temporal/layer-mark.ts';
import { LayerReader } from '../rtp/temporal/layer-reader.ts';
import { KeyframeCache } from './keyframe-cache.ts';
import { SmoothedRate } from './smoothed-rate.ts';
import { TemporalRung } from './temporal-rung.ts';

/** That are kept for NACKs at least: 10 Mbit/s. */
const VIDEO_PACKETS_PER_SECOND = 1024;
/** So far apart, sequence numbers are still told from one another with certainty. */
const MAX_PACKETS = 16_384;
/** Of one of several layers: 5 Mbit/s. Who makes simulcast answers keyframe requests, so groups need no more. */
const SIMULCAST_PACKETS_PER_SECOND = 512;
const AUDIO_PACKETS_PER_SECOND = 128;
/** The packets of a large frame are longer than this on average, so bytes run out before slots. */
const BYTES_PER_SLOT = 1024;

/** A layer that is silent for so long has been given up by its encoder, or is about to be. */
const SILENCE_MS = 1000;

const UNMARKED: Readonly<LayerMark> = new LayerMark();

/** A header extension as one side numbered it. */
export interface NumberedExtension {
  readonly id: number;
  readonly uri: string;
}

/** Ties an RTP timestamp to the wall clock (RFC 3550 section 6.4.1), so that audio and video stay in step. */
export interface ClockMapping {
  /** The SSRC whose timestamps are meant. */
  readonly ssrc: number;
  readonly rtpTimestamp: number;
  /** NTP time of that timestamp, 64 bits (RFC 3550 section 4). */
  readonly ntpTimestamp: bigint;
  /** Monotonic milliseconds at which the mapping was learned. */
  readonly at: number;
}

/** What a layer is made from. */
export interface SourceLayerOptions {
  readonly kind: MediaKind;
  readonly ssrc: number;
  /** Simulcast layer (RFC 8852); undefined for the only stream of a source. */
  readonly rid: string | undefined;
  /** Id of the source: its layers share a wall clock. */
  readonly sourceId: string;
  /** That its packets carry, by the source's numbering. */
  readonly extensions: readonly NumberedExtension[];
  /** Of packets since the last keyframe that are kept for late viewers; 0 = none. */
  readonly keyframeCacheBytes: number;
  /** For how long packets are kept for NACKs, milliseconds. Default 2,000. */
  readonly retransmissionCacheMs?: number | undefined;
  /** Monotonic milliseconds. */
  readonly now: number;
}

/** One RTP stream of a source, of which viewers are sent one: its packets for NACKs and late viewers, its rate, its clock. */
export abstract class SourceLayer {
  readonly ssrc: number;
  readonly rid: string | undefined;
  readonly sourceId: string;
  readonly extensions: readonly NumberedExtension[];
  lastPacketAt: number;
  /** Of the last keyframe whose header says it. */
  size: FrameSize | undefined;
  /** Viewers that are sent this layer. */
  viewers = 0;
  /** Of the packet stored last. */
  mark: Readonly<LayerMark> = UNMARKED;
  /** Of the packet stored last, unwrapped: the number under which the history has it. */
  sequence = 0;
  /** Whether nothing of the last packet's frame is to come: that packet was the last of it, or comes after that one. Audio has no frames of several packets. */
  isFrameComplete = true;
  abstract readonly clockMapping: ClockMapping | undefined;
  readonly #kind: MediaKind;
  readonly #keyframeCacheBytes: number;
  readonly #retransmissionCacheMs: number;
  #history: PacketHistory | undefined;
  #keyframeCache: KeyframeCache | undefined;
  #codec: Codec | undefined;
  /** When it began to send, or went on after a silence. */
  #activeSince: number;
  /** RTP timestamp of the last frame whose last packet has come. */
  #completeTimestamp: number | undefined;
  readonly #rate: SmoothedRate;
  readonly #descriptorId: number;
  #reader: LayerReader | undefined;
  #rungs: readonly TemporalRung[] = [];

  constructor(options: SourceLayerOptions) {
    this.#kind = options.kind;
    this.ssrc = options.ssrc;
    this.rid = options.rid;
    this.sourceId = options.sourceId;
    this.extensions = options.extensions;
    this.#keyframeCacheBytes = options.keyframeCacheBytes;
    this.#retransmissionCacheMs = options.retransmissionCacheMs ?? DEFAULT_RETRANSMISSION_CACHE_MS;
    this.lastPacketAt = this.#activeSince = options.now;
    this.#rate = new SmoothedRate(options.now);
    this.#descriptorId = options.extensions.find(({ uri }) => uri === HEADER_EXTENSIONS.dependencyDescriptor)?.id ?? 0;
  }

  /** Of the packet stored last. */
  get codec(): Codec | undefined {
    return this.#codec;
  }

  /** Packets to answer NACKs from; undefined before the first. */
  get history(): PacketHistory | undefined {
    return this.#history;
  }

  /** Undefined for audio, when it is switched off, and before the first packet. */
  get keyframeCache(): KeyframeCache | undefined {
    return this.#keyframeCache;
  }

  get height(): number | undefined {
    return this.size?.height;
  }

  /** Asks for a keyframe of this layer; requests in quick succession become one. */
  abstract requestKeyframe(): void;

  /** Keeps a packet for those who ask for it later, and counts it. */
  store(packet: RtpPacket, codec: Codec, keyframe: boolean, now: number): void {
    const history = (this.#history ??= this.#createHistory());
    // Sent again under another codec's payload type, a packet would be another one under the same SRTP index.
    if (codec !== this.#codec) history.clear();
    if (this.#kind === 'video') this.#readFrame(packet, codec, now);
    this.#codec = codec;
    this.sequence = history.store(packet.sequenceNumber, packet.buffer, 0, packet.buffer.length, now);
    this.#keyframeCache?.add(packet, codec, keyframe, now);
    if (now - this.lastPacketAt >= SILENCE_MS) this.#wake(now);
    this.lastPacketAt = now;
    this.#rate.add(packet.payloadLength, now);
  }

  /** The number of a packet as the history counts, when the packet is not far from the newest. */
  unwrap(sequenceNumber: number): number {
    return this.#history?.unwrap(sequenceNumber) ?? sequenceNumber;
  }

  /** Smoothed, bit/s of payload. */
  bitrate(now: number): number {
    return this.#rate.bitrate(now);
  }

  /** The same of the layer at the next lower frame rate, where its packets say their temporal layers. */
  leastBitrate(now: number): number {
    return this.#rungs.at(-2)?.bitrate(now) ?? this.bitrate(now);
  }

  /** Frame rates at which the layer can be sent, from the lowest; fewer than two where nothing is marked. */
  get rungs(): readonly TemporalRung[] {
    return this.#rungs;
  }

  /** For how long it has been sending without a break; 0 while it is silent. Milliseconds. */
  activeMs(now: number): number {
    return now - this.lastPacketAt < SILENCE_MS ? now - this.#activeSince : 0;
  }

  isSilent(now: number): boolean {
    return now - this.lastPacketAt >= SILENCE_MS;
  }

  /** Its encoder has given it up: viewers look for another layer at once. */
  protected fallSilent(now: number): void {
    this.lastPacketAt = Math.min(this.lastPacketAt, now - SILENCE_MS);
  }

  #wake(now: number): void {
    this.#activeSince = now;
    this.#rate.begin(now);
  }

  #readFrame(packet: RtpPacket, codec: Codec, now: number): void {
    this.#readMark(packet, codec, now);
    if (packet.marker) this.#completeTimestamp = packet.timestamp;
    this.isFrameComplete = this.#completeTimestamp !== undefined && ((packet.timestamp - this.#completeTimestamp) | 0) <= 0;
  }

  #readMark(packet: RtpPacket, codec: Codec, now: number): void {
    if (codec !== this.#codec) this.#reader = new LayerReader(codec.name, this.#descriptorId);
    const { mark } = this;
    this.mark = this.#reader?.read(packet) && !hasShortPictureId(codec, this.#reader.mark) ? this.#reader.mark : UNMARKED;
    if (mark === UNMARKED && this.mark === UNMARKED) return;
    for (let layer = this.#rungs.length; layer <= this.mark.temporalLayer; layer++) {
      this.#rungs = [...this.#rungs, new TemporalRung(layer, now, (at) => this.activeMs(at))];
    }
    for (const rung of this.#rungs) if (rung.temporalLayer >= this.mark.temporalLayer) rung.add(packet.payloadLength, now);
  }

  #createHistory(): PacketHistory {
    const history = new PacketHistory({ capacity: this.#historyPackets(), maxAgeMs: this.#retransmissionCacheMs });
    if (this.#kind === 'video' && this.#keyframeCacheBytes > 0) this.#keyframeCache = new KeyframeCache(history, this.#keyframeCacheBytes);
    return history;
  }

  #historyPackets(): number {
    const seconds = this.#retransmissionCacheMs / 1000;
    if (this.#kind === 'audio') return slots(AUDIO_PACKETS_PER_SECOND * seconds);
    if (this.rid !== undefined) return slots(SIMULCAST_PACKETS_PER_SECOND * seconds);
    return slots(Math.max(VIDEO_PACKETS_PER_SECOND * seconds, this.#keyframeCacheBytes / BYTES_PER_SLOT));
  }
}

/** A ring has a power of two of them. */
function slots(packets: number): number {
  return Math.min(MAX_PACKETS, 2 ** Math.ceil(Math.log2(Math.max(1, packets))));
}

/** Ids that turn so soon cannot be closed up; browsers do not write them. */
function hasShortPictureId({ name }: Codec, { pictureIdBits }: Readonly<LayerMark>): boolean {
  return pictureIdBits === 7 && name.toUpperCase() === 'VP8';
}

/** From the lowest to the highest: by picture size where it is known, else by rate. */
export function compareLayers(a: SourceLayer, b: SourceLayer, now: number): number {
  const [areaA, areaB] = [areaOf(a), areaOf(b)];
  return areaA > 0 && areaB > 0 && areaA !== areaB ? areaA - areaB : a.bitrate(now) - b.bitrate(now);
}

function areaOf({ size }: SourceLayer): number {
  return size ? size.width * size.height : 0;
}
