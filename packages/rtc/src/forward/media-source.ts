import { randomUUID } from 'node:crypto';
import type { Clock, Codec, MediaKind, MediaTrack, RtpPacketCopy, TrackStats, Undo } from '@sluice/core';
import { PacketHistory } from '../rtp/packet-history.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';

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
  onSourcePacket(packet: RtpPacket, codec: Codec, keyframe: boolean): void;
  onSourceEnded(): void;
}

/**
 * Media on its way to viewers: decrypted once, one ring of packets to answer
 * NACKs from, any number of sinks. The packets carry the source's own numbers.
 */
export abstract class MediaSource implements MediaTrack {
  readonly id = randomUUID();
  readonly kind: MediaKind;
  readonly history: PacketHistory;
  protected readonly clock: Clock;
  readonly #sinks = new Set<SourceSink>();
  readonly #rtpListeners = new Set<(packet: RtpPacketCopy) => void>();
  readonly #endedListeners = new Set<() => void>();
  #ended = false;

  constructor(kind: MediaKind, clock: Clock) {
    this.kind = kind;
    this.clock = clock;
    this.history = new PacketHistory({ capacity: kind === 'video' ? 2048 : 256 });
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
    this.#rtpListeners.add(listener);
    return () => void this.#rtpListeners.delete(listener);
  }

  onEnded(listener: () => void): Undo {
    this.#endedListeners.add(listener);
    return () => void this.#endedListeners.delete(listener);
  }

  protected emit(packet: RtpPacket, codec: Codec, keyframe: boolean): void {
    this.history.store(packet.sequenceNumber, packet.buffer, 0, packet.buffer.length, this.clock.monotonic());
    for (const sink of this.#sinks) sink.onSourcePacket(packet, codec, keyframe);
    if (this.#rtpListeners.size > 0) this.#copyToListeners(packet, codec, keyframe);
  }

  protected markEnded(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const sink of this.#sinks) sink.onSourceEnded();
    for (const listener of this.#endedListeners) listener();
    this.#sinks.clear();
    this.#endedListeners.clear();
    this.#rtpListeners.clear();
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
    for (const listener of this.#rtpListeners) listener(copy);
  }
}
