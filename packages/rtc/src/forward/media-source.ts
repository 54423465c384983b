import { randomUUID } from 'node:crypto';
import type { Clock, Codec, Logger, MediaKind, MediaTrack, RtpPacketCopy, TrackStats, Undo } from '@sluice/core';
import { Listeners } from '../listeners.ts';
import { PacketHistory } from '../rtp/packet-history.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import type { FanOut, FanOutSource } from './fan-out.ts';
import { KeyframeCache } from './keyframe-cache.ts';
import { StagedPackets } from './staged-packet.ts';

/** Of 2 s and more of video, for NACKs. */
const MIN_VIDEO_PACKETS = 2048;
/** So far apart, sequence numbers are still told from one another with certainty. */
const MAX_VIDEO_PACKETS = 16_384;
const AUDIO_PACKETS = 256;
/** The packets of a large frame are longer than this on average, so bytes run out before slots. */
const BYTES_PER_SLOT = 1024;

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

/** What takes the packets of a source; called synchronously, packets are valid during the call only. */
export interface SourceSink {
  /** @param now monotonic milliseconds, read once for all sinks */
  onSourcePackets(packets: StagedPackets, now: number): void;
  onSourceEnded(): void;
}

/** What every source is made from. */
export interface MediaSourceOptions {
  readonly kind: MediaKind;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fanOut: FanOut;
  /** Of packets since the last keyframe that are kept for late viewers; 0 = none. */
  readonly keyframeCacheBytes: number;
}

/**
 * Media on its way to viewers: decrypted once, one ring of packets to answer NACKs from, any number of
 * sinks, which get the packets of some milliseconds together. The packets carry the source's own numbers.
 */
export abstract class MediaSource implements MediaTrack, FanOutSource {
  readonly id = randomUUID();
  readonly kind: MediaKind;
  readonly history: PacketHistory;
  /** Undefined for audio, and when it is switched off. */
  readonly keyframeCache: KeyframeCache | undefined;
  /** Packets for which there was no room before a flush. */
  notStaged = 0;
  protected readonly clock: Clock;
  readonly #fanOut: FanOut;
  readonly #sinks = new Set<SourceSink>();
  readonly #rtpListeners: Listeners<[RtpPacketCopy]>;
  readonly #endedListeners: Listeners<[]>;
  /** What is gathered for the next flush, and what the last one passed on. */
  #gathered = new StagedPackets();
  #passedOn = new StagedPackets();
  #ended = false;
  #lastCodec: Codec | undefined;

  constructor({ kind, clock, logger, fanOut, keyframeCacheBytes }: MediaSourceOptions) {
    this.kind = kind;
    this.clock = clock;
    this.#fanOut = fanOut;
    this.#rtpListeners = new Listeners(logger);
    this.#endedListeners = new Listeners(logger);
    this.history = new PacketHistory({ capacity: kind === 'video' ? videoPackets(keyframeCacheBytes) : AUDIO_PACKETS });
    if (kind === 'video' && keyframeCacheBytes > 0) this.keyframeCache = new KeyframeCache(this.history, keyframeCacheBytes);
  }

  abstract readonly codec: Codec | undefined;
  abstract readonly codecs: readonly Codec[];
  /** Extensions that the source's packets carry, by its numbering. */
  abstract readonly extensions: readonly NumberedExtension[];
  abstract readonly clockMapping: ClockMapping | undefined;
  abstract requestKeyframe(): void;
  abstract stats(): TrackStats;

  get ended(): boolean {
    return this.#ended;
  }

  get sinkCount(): number {
    return this.#sinks.size;
  }

  addSink(sink: SourceSink): Undo {
    this.#sinks.add(sink);
    return () => void this.#sinks.delete(sink);
  }

  onRtp(listener: (packet: RtpPacketCopy) => void): Undo {
    return this.#rtpListeners.add(listener);
  }

  onEnded(listener: () => void): Undo {
    return this.#endedListeners.add(listener);
  }

  /** Passes on what was gathered. Between this and the next packet, sinks have had all that {@link history} holds. */
  flush(now: number): void {
    const packets = this.#gathered;
    if (packets.count === 0) return;
    this.#gathered = this.#passedOn;
    this.#gathered.clear();
    this.#passedOn = packets;
    for (const sink of this.#sinks) sink.onSourcePackets(packets, now);
  }

  protected emit(packet: RtpPacket, codec: Codec, keyframe: boolean, now: number): void {
    // Sent again under another codec's payload type, a packet would be another one under the same SRTP index.
    if (codec !== this.#lastCodec) this.history.clear();
    this.#lastCodec = codec;
    this.history.store(packet.sequenceNumber, packet.buffer, 0, packet.buffer.length, now);
    this.keyframeCache?.add(packet, codec, keyframe, now);
    if (this.#sinks.size > 0) this.#gather(packet, codec, keyframe);
    if (this.#rtpListeners.size > 0) this.#copyToListeners(packet, codec, keyframe);
  }

  protected markEnded(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#fanOut.flush();
    for (const sink of this.#sinks) sink.onSourceEnded();
    this.#endedListeners.emit();
    this.#sinks.clear();
    this.#endedListeners.clear();
    this.#rtpListeners.clear();
  }

  #gather(packet: RtpPacket, codec: Codec, keyframe: boolean): void {
    const offset = this.#fanOut.stage(packet.buffer, packet.payloadEnd);
    if (offset < 0) {
      this.notStaged++;
      return;
    }
    this.#gathered.add(packet, this.#fanOut.bytes, offset, codec, keyframe);
    this.#fanOut.schedule(this);
  }

  #copyToListeners(packet: RtpPacket, codec: Codec, keyframe: boolean): void {
    const payload = Uint8Array.from(packet.buffer.subarray(packet.payloadOffset, packet.payloadEnd));
    const copy: RtpPacketCopy = {
      payload,
      codec,
      sequenceNumber: packet.sequenceNumber,
      timestamp: packet.timestamp,
      marker: packet.marker,
      keyframe,
    };
    this.#rtpListeners.emit(copy);
  }
}

function videoPackets(keyframeCacheBytes: number): number {
  const packets = 2 ** Math.ceil(Math.log2(Math.max(1, keyframeCacheBytes / BYTES_PER_SLOT)));
  return Math.min(MAX_VIDEO_PACKETS, Math.max(MIN_VIDEO_PACKETS, packets));
}
