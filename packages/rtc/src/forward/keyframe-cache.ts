import type { Codec } from '@sluice/core';
import type { PacketHistory } from '../rtp/packet-history.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { SequenceUnwrapper, sequenceDistance } from '../rtp/sequence.ts';

/** An older keyframe lies too far behind live to be worth a replay. */
const MAX_AGE_MS = 30_000;
/** A gap that is still there after this is one that no retransmission closes. */
const REPAIR_MS = 1000;
/** So much media is replayed sooner than a publisher answers a keyframe request. */
const SHORT_MS = 500;

/**
 * Knows which packets of a source's history are its group of pictures: all since the last
 * keyframe. The history holds the bytes, so a packet costs no copy of its own here.
 * Sequence numbers are unwrapped; times are milliseconds of a monotonic clock.
 */
export class KeyframeCache {
  /** Groups that grew past the bounds, and could not be replayed from then on. */
  overflows = 0;
  readonly #history: PacketHistory;
  readonly #maxBytes: number;
  readonly #unwrapper = new SequenceUnwrapper();
  #ssrc = 0;
  #codec: Codec | undefined;
  #group = 0;
  #active = false;
  #first = 0;
  #end = 0;
  /** The first packet that is missing, or `end`. */
  #contiguousEnd = 0;
  /** When {@link #contiguousEnd} last moved. */
  #contiguousAt = 0;
  #startedAt = 0;
  #bytes = 0;
  #keyframeTimestamp = 0;
  #liveTimestamp = 0;

  /**
   * @param history where each packet is stored before it is added here; bounds the packets of a group
   * @param maxBytes of a group
   */
  constructor(history: PacketHistory, maxBytes: number) {
    this.#history = history;
    this.#maxBytes = maxBytes;
  }

  /** Changes when another group begins and when this one can not go on. */
  get group(): number {
    return this.#group;
  }

  get ssrc(): number {
    return this.#ssrc;
  }

  get codec(): Codec | undefined {
    return this.#codec;
  }

  /** Of the keyframe's first packet. */
  get firstSequence(): number {
    return this.#first;
  }

  /** From the first to the newest, those that are missing too. */
  get packets(): number {
    return this.#end - this.#first;
  }

  /** One past the newest packet. */
  get end(): number {
    return this.#end;
  }

  get keyframeTimestamp(): number {
    return this.#keyframeTimestamp;
  }

  /** Of the newest packet. */
  get liveTimestamp(): number {
    return this.#liveTimestamp;
  }

  /** Takes each packet of the source, in any order, each once. */
  add(packet: RtpPacket, codec: Codec, keyframe: boolean, now: number): void {
    if (packet.ssrc !== this.#ssrc || codec !== this.#codec) this.#follow(packet.ssrc, codec);
    const sequence = this.#unwrapper.unwrap(packet.sequenceNumber);
    const samePicture = this.#active && packet.timestamp === this.#keyframeTimestamp;
    if (keyframe && !samePicture && !(this.#active && sequence < this.#first)) this.#begin(sequence, packet, now);
    // Of a keyframe that begins in several packets (H264 parameter sets), the first one may come late.
    if (keyframe && samePicture && sequence < this.#first) this.#first = this.#contiguousEnd = sequence;
    if (this.#active && sequence >= this.#first) this.#extend(sequence, packet, now);
  }

  /** Whether a viewer can be served from the keyframe on. A gap that may still be repaired does no harm. */
  isUsable(now: number): boolean {
    return this.#active && (this.#contiguousEnd === this.#end || now - this.#contiguousAt <= REPAIR_MS);
  }

  /** Whether the group is so short that a replay is faster than a keyframe request. */
  get isShort(): boolean {
    const clockRate = this.#codec?.clockRate ?? 0;
    return this.#active && ((this.#liveTimestamp - this.#keyframeTimestamp) >>> 0) * 1000 <= SHORT_MS * clockRate;
  }

  /** A view of a packet's bytes by its unwrapped number, good until the next packet comes; undefined when it is missing. */
  at(sequence: number): Buffer | undefined {
    return sequence >= this.#first && sequence < this.#end ? this.#history.peek(this.#history.unwrap(sequence)) : undefined;
  }

  /** The same by the history's number, while the group lives. */
  find(sequence: number): Buffer | undefined {
    if (!this.#active) return undefined;
    const position = this.#end + sequenceDistance(this.#end & 0xffff, sequence & 0xffff);
    return position >= this.#first && position < this.#end ? this.#history.peek(sequence) : undefined;
  }

  #lengthOf(sequence: number): number {
    return this.#history.lengthOf(this.#history.unwrap(sequence));
  }

  #follow(ssrc: number, codec: Codec): void {
    this.#ssrc = ssrc;
    this.#codec = codec;
    this.#unwrapper.reset();
    this.#stop();
  }

  /** Packets behind the keyframe may have overtaken it; the history has them. */
  #begin(sequence: number, packet: RtpPacket, now: number): void {
    this.#active = true;
    this.#group++;
    this.#first = this.#contiguousEnd = sequence;
    this.#end = Math.max(this.#unwrapper.highest ?? sequence, sequence) + 1;
    this.#startedAt = now;
    this.#keyframeTimestamp = this.#liveTimestamp = packet.timestamp;
    this.#bytes = 0;
    for (let overtaker = sequence + 1; overtaker < this.#end; overtaker++) this.#bytes += this.#lengthOf(overtaker);
  }

  #extend(sequence: number, packet: RtpPacket, now: number): void {
    this.#bytes += packet.buffer.length;
    if (sequence >= this.#end) {
      this.#end = sequence + 1;
      this.#liveTimestamp = packet.timestamp;
    }
    if (sequence === this.#contiguousEnd) {
      this.#contiguousAt = now;
      do this.#contiguousEnd++;
      while (this.#contiguousEnd < this.#end && this.#lengthOf(this.#contiguousEnd) > 0);
    }
    if (this.#bytes <= this.#maxBytes && this.packets <= this.#history.capacity && now - this.#startedAt <= MAX_AGE_MS) return;
    this.overflows++;
    this.#stop();
  }

  #stop(): void {
    this.#active = false;
    this.#group++;
  }
}
