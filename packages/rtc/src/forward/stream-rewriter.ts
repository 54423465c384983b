import { randomInt } from 'node:crypto';
import { SequenceUnwrapper, sequenceDistance } from '../rtp/sequence.ts';

/** Low enough that a sender's rollover counter cannot be guessed wrong at the start (RFC 3711 section 3.3.1). */
const MAX_FIRST_SEQUENCE = 0x4000;
/**
 * No packet comes later than this, because SRTP's replay window is shorter. What seems to is half a
 * cycle ahead: mapped as it is, it would be encrypted under an index that was used (RFC 3711 section 9.1).
 */
const MAX_LATENESS = 2048;
/** More in front of the live picture would stay in a player's jitter buffer as delay. */
const MAX_REPLAY_SPAN_MS = 100;

/** A group of pictures that is sent again, from its keyframe to the newest packet there is. */
export interface ReplayedGroup {
  readonly ssrc: number;
  /** Of the keyframe's first packet; the low 16 bits count. */
  readonly firstSequence: number;
  /** The number of its packets, those that are missing too. */
  readonly packets: number;
  readonly keyframeTimestamp: number;
  /** Of the newest packet. */
  readonly liveTimestamp: number;
}

/** The timestamps of replayed packets are pushed together, so that they end at live. */
interface Squeeze {
  /** Unwrapped number of the last packet that it counts for. */
  readonly lastSequence: number;
  readonly liveTimestamp: number;
  /** What the group spans at the source and at the viewer, in timestamp units. */
  readonly duration: number;
  readonly span: number;
}

/**
 * Maps a source's sequence numbers and timestamps to those of one viewer, so
 * that the viewer sees one continuous stream however often the source changes.
 */
export class StreamRewriter {
  readonly #clockRate: number;
  readonly #unwrapper = new SequenceUnwrapper();
  #sourceSsrc: number | undefined;
  #sequenceOffset = 0;
  #timestampOffset = 0;
  #firstSequence = 0;
  #squeeze: Squeeze | undefined;
  #hasSent = false;
  #lastSequence = 0;
  #lastTimestamp = 0;
  #lastAt = 0;

  /** @param clockRate of the codec, Hz */
  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** SSRC of the source that is sent; undefined before the first, and after {@link leave}. */
  get sourceSsrc(): number | undefined {
    return this.#sourceSsrc;
  }

  /** Whether this packet continues what was sent last; otherwise {@link start} comes first. */
  follows(sourceSsrc: number, sequenceNumber: number): boolean {
    const { highest } = this.#unwrapper;
    return this.#sourceSsrc === sourceSsrc && highest !== undefined && sequenceDistance(highest & 0xffff, sequenceNumber) > -MAX_LATENESS;
  }

  /** Begins with, or switches to, the source that sent this packet. */
  start(sourceSsrc: number, sequenceNumber: number, timestamp: number, now: number): void {
    this.#begin(sourceSsrc, sequenceNumber, timestamp, 0, now);
  }

  /** Begins with a group's keyframe. What follows the group continues it, in time too. */
  startReplay(group: ReplayedGroup, now: number): void {
    const { liveTimestamp } = group;
    const duration = Math.max(0, (liveTimestamp - group.keyframeTimestamp) | 0);
    const span = Math.min(duration, (MAX_REPLAY_SPAN_MS * this.#clockRate) / 1000);
    this.#begin(group.ssrc, group.firstSequence, liveTimestamp, span, now);
    this.#squeeze = { liveTimestamp, duration, span, lastSequence: this.#firstSequence + group.packets - 1 };
  }

  /** Lets go of the source: what comes next starts anew, also when it has the same SSRC. */
  leave(): void {
    this.#sourceSsrc = undefined;
  }

  /**
   * The viewer's sequence number for a packet of the source.
   * @returns undefined for a packet from before the start, which the viewer must not see
   */
  sequenceNumber(source: number): number | undefined {
    if (this.#unwrapper.unwrap(source) < this.#firstSequence) return undefined;
    return (source + this.#sequenceOffset) & 0xffff;
  }

  /** The viewer's timestamp at this moment of the source. */
  timestamp(source: number): number {
    return (source + this.#timestampOffset) >>> 0;
  }

  /** The viewer's timestamp of a packet, always the same one. */
  packetTimestamp(sequenceNumber: number, timestamp: number): number {
    const squeeze = this.#squeeze;
    if (!squeeze || this.#unwrapped(sequenceNumber) > squeeze.lastSequence) return this.timestamp(timestamp);
    const { liveTimestamp, duration, span } = squeeze;
    const behind = (liveTimestamp - timestamp) | 0;
    if (behind <= 0) return this.timestamp(timestamp);
    return this.timestamp(liveTimestamp - Math.round((Math.min(behind, duration) / duration) * span));
  }

  /** Notes what was sent, as the point where another source would continue. */
  sent(sequenceNumber: number, timestamp: number, now: number): void {
    const isOlder = this.#hasSent && ((sequenceNumber - this.#lastSequence) & 0xffff) >= 0x8000;
    if (isOlder) return;
    this.#hasSent = true;
    this.#lastSequence = sequenceNumber;
    this.#lastTimestamp = timestamp;
    this.#lastAt = now;
  }

  /**
   * The source's sequence number behind one of the viewer's.
   * @returns undefined for a number that this source was not sent under: another packet had it, or none yet
   */
  sourceSequenceNumber(sequenceNumber: number): number | undefined {
    const source = (sequenceNumber - this.#sequenceOffset) & 0xffff;
    const unwrapped = this.#unwrapped(source);
    const { highest = unwrapped } = this.#unwrapper;
    return unwrapped < this.#firstSequence || unwrapped > highest ? undefined : source;
  }

  #begin(sourceSsrc: number, sequenceNumber: number, liveTimestamp: number, span: number, now: number): void {
    const elapsed = Math.round(((now - this.#lastAt) * this.#clockRate) / 1000);
    const nextSequence = this.#hasSent ? this.#lastSequence + 1 : randomInt(MAX_FIRST_SEQUENCE);
    const nextTimestamp = this.#hasSent ? this.#lastTimestamp + Math.max(span + 1, elapsed) : randomInt(2 ** 31);
    this.#sourceSsrc = sourceSsrc;
    this.#squeeze = undefined;
    this.#unwrapper.reset();
    this.#firstSequence = this.#unwrapper.unwrap(sequenceNumber);
    this.#sequenceOffset = nextSequence - sequenceNumber;
    this.#timestampOffset = nextTimestamp - liveTimestamp;
  }

  #unwrapped(sequenceNumber: number): number {
    const { highest } = this.#unwrapper;
    return highest === undefined ? sequenceNumber : highest + sequenceDistance(highest & 0xffff, sequenceNumber);
  }
}
