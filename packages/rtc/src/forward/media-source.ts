import { randomUUID } from 'node:crypto';
import type { Clock, Codec, Logger, MediaKind, MediaTrack, RtpPacketCopy, TrackStats, Undo } from '@sluice/core';
import { Listeners } from '../listeners.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { isWorthLogging } from '../udp/log-limit.ts';
import type { FanOut, FanOutSource } from './fan-out.ts';
import { type NumberedExtension, type SourceLayer, compareLayers } from './source-layer.ts';
import { StagedPackets } from './staged-packet.ts';

/** Which layer is higher is asked by every viewer, and seldom changes. */
const RANKING_MS = 100;

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
  /** For how long packets are kept for NACKs, milliseconds. Default 2,000. */
  readonly retransmissionCacheMs?: number | undefined;
}

/**
 * Media on its way to viewers: decrypted once, in one layer or several, any number of
 * sinks, which get the packets of some milliseconds together. The packets carry the source's own numbers.
 */
export abstract class MediaSource implements MediaTrack, FanOutSource {
  readonly id = randomUUID();
  readonly kind: MediaKind;
  /** Packets for which there was no room before a flush. */
  notStaged = 0;
  protected readonly clock: Clock;
  readonly #fanOut: FanOut;
  readonly #logger: Logger;
  readonly #sinks = new Set<SourceSink>();
  readonly #rtpListeners: Listeners<[RtpPacketCopy]>;
  readonly #endedListeners: Listeners<[]>;
  /** What is gathered for the next flush, and what the last one passed on. */
  #gathered = new StagedPackets();
  #passedOn = new StagedPackets();
  #ended = false;
  #sinkErrors = 0;
  #ranked: readonly SourceLayer[] = [];
  #rankedAt = -Infinity;

  constructor({ kind, clock, logger, fanOut }: MediaSourceOptions) {
    this.kind = kind;
    this.clock = clock;
    this.#fanOut = fanOut;
    this.#logger = logger;
    this.#rtpListeners = new Listeners(logger);
    this.#endedListeners = new Listeners(logger);
  }

  abstract readonly codec: Codec | undefined;
  abstract readonly codecs: readonly Codec[];
  /** Extensions that the source's packets carry, by its numbering. */
  abstract readonly extensions: readonly NumberedExtension[];
  /** Names of its simulcast layers (RFC 8852), those that have not sent yet too. */
  abstract readonly rids: readonly string[];
  /**
   * The streams that viewers may be sent, in no order; one for a source without simulcast, none before its first packet.
   * Another array as soon as there are others.
   */
  abstract readonly layers: readonly SourceLayer[];
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

  /** The layers from the lowest to the highest, as they were within the last moment. */
  rankedLayers(now: number): readonly SourceLayer[] {
    const { layers } = this;
    if (layers.length < 2) return layers;
    const isStale = now - this.#rankedAt >= RANKING_MS || layers.length !== this.#ranked.length;
    if (!isStale) return this.#ranked;
    this.#ranked = layers.toSorted((a, b) => compareLayers(a, b, now));
    this.#rankedAt = now;
    return this.#ranked;
  }

  /** Passes on what was gathered. Between this and the next packet, sinks have had all that the layers hold. */
  flush(now: number): void {
    const packets = this.#gathered;
    if (packets.count === 0) return;
    this.#gathered = this.#passedOn;
    this.#gathered.clear();
    this.#passedOn = packets;
    for (const sink of this.#sinks) this.#passTo(sink, packets, now);
  }

  protected get hasRtpListeners(): boolean {
    return this.#rtpListeners.size > 0;
  }

  /** @param isPrimary whether the layer is the one that subscribers of packets are given */
  protected emit(layer: SourceLayer, packet: RtpPacket, codec: Codec, keyframe: boolean, now: number, isPrimary = true): void {
    layer.store(packet, codec, keyframe, now);
    if (this.#sinks.size > 0) this.#gather(layer, packet, codec, keyframe, now);
    if (isPrimary && this.#rtpListeners.size > 0) this.#copyToListeners(packet, codec, keyframe);
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

  /** What one viewer throws must not keep the packets from those behind it. */
  #passTo(sink: SourceSink, packets: StagedPackets, now: number): void {
    try {
      sink.onSourcePackets(packets, now);
    } catch (error) {
      const count = ++this.#sinkErrors;
      if (isWorthLogging(count)) this.#logger.error({ err: error, track: this.id, count }, 'A viewer failed to take the packets of its source');
    }
  }

  #gather(layer: SourceLayer, packet: RtpPacket, codec: Codec, keyframe: boolean, now: number): void {
    const offset = this.#fanOut.stage(packet.buffer, packet.payloadEnd);
    if (offset < 0) {
      this.notStaged++;
      return;
    }
    this.#gathered.add(layer, packet, this.#fanOut.bytes, offset, codec, keyframe);
    this.#fanOut.schedule(this, layer.isFrameComplete, now);
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
