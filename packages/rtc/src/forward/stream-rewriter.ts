import { randomInt } from 'node:crypto';
import { DEFAULT_RETRANSMISSION_CACHE_MS } from '../rtp/packet-history.ts';
import { sequenceDistance } from '../rtp/sequence.ts';
import type { NegotiatedCodec } from '../sdp/negotiated.ts';
import { ReplayWindow } from '../srtp/replay-window.ts';
import { MAX_LATENESS, SentSegment, type Squeeze } from './sent-segment.ts';
import type { ClockMapping, SourceLayer } from './source-layer.ts';

/** Low enough that a sender's rollover counter cannot be guessed wrong at the start (RFC 3711 section 3.3.1). */
const MAX_FIRST_SEQUENCE = 0x4000;
/** More in front of the live picture would stay in a player's jitter buffer as delay. */
const MAX_REPLAY_SPAN_MS = 100;
/** More of them in the time of a NACK are no viewer's doing. */
const MAX_SEGMENTS = 8;
/** A clock that disagrees with the time that went by for more than this was set meanwhile, or lies. */
const MAX_CLOCK_ERROR_MS = 1000;
/** NTP fractions in a second (RFC 3550 section 4). */
const NTP_SECOND = 2 ** 32;

/** A group of pictures that is sent again, from its keyframe to the newest packet there is. */
export interface ReplayedGroup {
  /** Of the keyframe's first packet; the low 16 bits count. */
  readonly firstSequence: number;
  /** The number of its packets, those that are missing too. */
  readonly packets: number;
  readonly keyframeTimestamp: number;
  /** Of the newest packet. */
  readonly liveTimestamp: number;
}

/**
 * Maps the sequence numbers and timestamps of sources to those of one viewer, so that
 * the viewer sees one continuous stream however often the source or its layer changes.
 */
export class StreamRewriter {
  readonly #clockRate: number;
  readonly #memoryMs: number;
  /** From the oldest to the newest; the last one was in use last. */
  readonly #segments: SentSegment[] = [];
  readonly #used = new ReplayWindow(MAX_LATENESS);
  #isOpen = false;
  #hasSent = false;
  /** Unwrapped. */
  #lastSequence = 0;
  #lastTimestamp = 0;
  #lastAt = 0;

  /**
   * @param clockRate of the codec, Hz
   * @param memoryMs for how long sources keep what they sent; of what was sent before, no ring has anything
   */
  constructor(clockRate: number, memoryMs = DEFAULT_RETRANSMISSION_CACHE_MS) {
    this.#clockRate = clockRate;
    this.#memoryMs = memoryMs;
  }

  /** What is sent now; undefined before the first packet, and after {@link leave}. */
  get current(): SentSegment | undefined {
    return this.#isOpen ? this.#segments.at(-1) : undefined;
  }

  /** What this packet continues; undefined when it has to {@link start} something. */
  follow(layer: SourceLayer, codec: NegotiatedCodec, sequenceNumber: number): SentSegment | undefined {
    const { current } = this;
    return current?.isFollowedBy(layer, codec, sequenceNumber, this.#lastSequence) ? current : undefined;
  }

  /**
   * Begins with, or switches to, the layer that sent this packet.
   * @param sequence of the packet, as the layer's history counts
   * @param timestamp of the packet
   */
  start(layer: SourceLayer, codec: NegotiatedCodec, sequence: number, timestamp: number, now: number): SentSegment {
    return this.#begin(layer, codec, { sequence, timestamp }, 0, undefined, now);
  }

  /** Begins with a group's keyframe. What follows the group continues it, in time too. */
  startReplay(layer: SourceLayer, codec: NegotiatedCodec, group: ReplayedGroup, now: number): SentSegment {
    const { liveTimestamp, packets } = group;
    const duration = Math.max(0, (liveTimestamp - group.keyframeTimestamp) | 0);
    const span = Math.min(duration, (MAX_REPLAY_SPAN_MS * this.#clockRate) / 1000);
    const first = { sequence: layer.unwrap(group.firstSequence), timestamp: liveTimestamp };
    return this.#begin(layer, codec, first, span, { packets, liveTimestamp, duration, span }, now);
  }

  /** Lets go of the source: what comes next starts anew, also when it is of the same layer. */
  leave(): void {
    this.#isOpen = false;
  }

  /** Whether nothing was sent under this number: another packet under it would be one more under a used SRTP index. */
  isUnused(sequence: number): boolean {
    return this.#used.isFresh(sequence);
  }

  /** Notes what was sent, as the point where another source would continue. */
  sent(sequence: number, timestamp: number, now: number): void {
    this.#used.add(sequence);
    if (this.#hasSent && sequence <= this.#lastSequence) return;
    this.#hasSent = true;
    this.#lastSequence = sequence;
    this.#lastTimestamp = timestamp;
    this.#lastAt = now;
  }

  /** The number that a viewer speaks of, unwrapped. */
  unwrap(sequenceNumber: number): number {
    return this.#lastSequence + sequenceDistance(this.#lastSequence & 0xffff, sequenceNumber);
  }

  /** The segment that this unwrapped number was sent in; undefined when it is long gone, or not yet sent. */
  segmentOf(sequence: number): SentSegment | undefined {
    if (sequence > this.#lastSequence) return undefined;
    return this.#segments.findLast(({ first }) => first <= sequence);
  }

  /** Lets go of segments that nobody asks for any more, and so of the memory of their sources. */
  forgetPast(now: number): void {
    while ((this.#segments[1]?.startedAt ?? now) < now - this.#memoryMs) this.#segments.shift();
  }

  #begin(layer: SourceLayer, codec: NegotiatedCodec, packet: { readonly sequence: number; readonly timestamp: number }, span: number, squeeze: Squeeze | undefined, now: number): SentSegment {
    const advance = Math.max(span + 1, this.#advance(layer, packet.timestamp, now));
    const segment = new SentSegment({
      layer,
      codec,
      squeeze,
      at: now,
      sourceSequence: packet.sequence,
      sourceTimestamp: packet.timestamp,
      viewerSequence: this.#hasSent ? this.#lastSequence + 1 : randomInt(MAX_FIRST_SEQUENCE),
      viewerTimestamp: this.#hasSent ? this.#lastTimestamp + advance : randomInt(2 ** 31),
    });
    // Of a segment in which nothing was sent the numbers go to this one.
    if (!this.#hasSent || this.#segments.at(-1)?.first === segment.first) this.#segments.pop();
    this.#segments.push(segment);
    if (this.#segments.length > MAX_SEGMENTS) this.#segments.shift();
    this.#isOpen = true;
    return segment;
  }

  /** From the timestamp sent last to that of a layer's packet: by their clocks where they are one, else by the time that went by. */
  #advance(layer: SourceLayer, timestamp: number, now: number): number {
    const elapsed = Math.round(((now - this.#lastAt) * this.#clockRate) / 1000);
    const before = this.#segments.at(-1);
    if (!before || before.layer.sourceId !== layer.sourceId) return elapsed;
    const sameMoment = this.#translate(layer, before.layer, timestamp);
    if (sameMoment === undefined) return elapsed;
    const advance = (before.timestamp(sameMoment) - this.#lastTimestamp) | 0;
    return Math.abs(advance - elapsed) > (MAX_CLOCK_ERROR_MS * this.#clockRate) / 1000 ? elapsed : advance;
  }

  /** A timestamp of one layer as the other would have it. */
  #translate(from: SourceLayer, to: SourceLayer, timestamp: number): number | undefined {
    if (from === to) return timestamp;
    const [here, there] = [from.clockMapping, to.clockMapping];
    if (!here || !there) return undefined;
    const seconds = secondsBetween(there, here);
    return there.rtpTimestamp + Math.round(seconds * this.#clockRate) + ((timestamp - here.rtpTimestamp) | 0);
  }
}

function secondsBetween(from: ClockMapping, to: ClockMapping): number {
  return Number(to.ntpTimestamp - from.ntpTimestamp) / NTP_SECOND;
}
