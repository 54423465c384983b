import type { NegotiatedCodec } from '../sdp/negotiated.ts';
import { SequenceUnwrapper, sequenceDistance } from '../rtp/sequence.ts';
import { PictureNumbers } from './picture-numbers.ts';
import { SkippedNumbers } from './skipped-numbers.ts';
import type { SourceLayer } from './source-layer.ts';

/**
 * No packet comes later than this, because SRTP's replay window is shorter. What seems to is half a
 * cycle ahead: mapped as it is, it would be encrypted under an index that was used (RFC 3711 section 9.1).
 */
export const MAX_LATENESS = 2048;
/** So much further than what was sent last, and further still, a receiver's rollover counter could be guessed wrong (RFC 3711 section 3.3.1). */
const MAX_GAP = 0x4000;

/** The timestamps of replayed packets are pushed together, so that they end at live. */
export interface Squeeze {
  /** The number of packets that it counts for, from the segment's first on. */
  readonly packets: number;
  readonly liveTimestamp: number;
  /** What the group spans at the source and at the viewer, in timestamp units. */
  readonly duration: number;
  readonly span: number;
}

/** Where a segment begins, at the source and at the viewer. */
export interface SegmentStart {
  readonly layer: SourceLayer;
  readonly codec: NegotiatedCodec;
  /** As the layer's history counts: the same 16 bits may be another packet's by the time that a viewer asks for them. */
  readonly sourceSequence: number;
  readonly sourceTimestamp: number;
  /** Unwrapped. */
  readonly viewerSequence: number;
  readonly viewerTimestamp: number;
  readonly squeeze?: Squeeze | undefined;
  /** Monotonic milliseconds. */
  readonly at: number;
}

/** A packet of the source. */
interface LeftOutPacket {
  readonly sequenceNumber: number;
  readonly timestamp: number;
}

/** A stretch of what a viewer was sent that came from one layer without a break: how the layer's numbers became the viewer's. */
export class SentSegment {
  readonly layer: SourceLayer;
  readonly codec: NegotiatedCodec;
  /** Unwrapped number of the viewer. */
  readonly first: number;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  readonly #unwrapper = new SequenceUnwrapper();
  readonly #firstSource: number;
  readonly #timestampOffset: number;
  readonly #squeeze: Squeeze | undefined;
  #skipped: SkippedNumbers | undefined;
  #skippedTimestamp: number | undefined;
  #skippedSequence: number | undefined;
  #pictures: PictureNumbers | undefined;

  constructor(start: SegmentStart) {
    this.layer = start.layer;
    this.codec = start.codec;
    this.first = start.viewerSequence;
    this.startedAt = start.at;
    this.#firstSource = this.#unwrapper.unwrap(start.sourceSequence);
    this.#timestampOffset = start.viewerTimestamp - start.sourceTimestamp;
    this.#squeeze = start.squeeze;
  }

  /**
   * Whether this packet continues the segment.
   * @param lastSent unwrapped number of the viewer
   */
  isFollowedBy(layer: SourceLayer, codec: NegotiatedCodec, sequenceNumber: number, lastSent: number): boolean {
    if (this.layer !== layer || this.codec !== codec) return false;
    const { highest = 0 } = this.#unwrapper;
    const unwrapped = this.#unwrapped(sequenceNumber);
    const newest = this.first + unwrapped - this.#firstSource - (this.#skipped?.count ?? 0);
    const ahead = newest - Math.max(lastSent, this.first);
    return unwrapped - highest > -MAX_LATENESS && ahead < MAX_GAP;
  }

  /**
   * The viewer's number for a packet of the source.
   * @returns unwrapped; undefined for a packet from before the start, which the viewer must not see
   */
  viewerSequence(source: number): number | undefined {
    const unwrapped = this.#unwrapper.unwrap(source);
    if (unwrapped < this.#firstSource) return undefined;
    const kept = this.#skipped ? this.#skipped.map(unwrapped) : unwrapped;
    return kept === undefined ? undefined : this.first + kept - this.#firstSource;
  }

  /**
   * Leaves out a packet, so that the next one takes its number.
   * @param pictureId -1 where there is none
   * @returns false for a late one, whose number has to stay
   */
  skip({ sequenceNumber, timestamp }: LeftOutPacket, pictureId: number): boolean {
    const { highest = 0 } = this.#unwrapper;
    const unwrapped = this.#unwrapper.unwrap(sequenceNumber);
    if (unwrapped <= highest) return false;
    const skipped = (this.#skipped ??= new SkippedNumbers());
    // What is missing between two packets of one picture is of that picture; what was sent in between keeps its number.
    if (timestamp === this.#skippedTimestamp && highest === this.#skippedSequence) skipped.extendTo(unwrapped);
    else skipped.skip(unwrapped);
    this.#skippedTimestamp = timestamp;
    this.#skippedSequence = unwrapped;
    if (pictureId >= 0) (this.#pictures ??= new PictureNumbers()).skip(pictureId);
    return true;
  }

  /** Whether pictures have been left out, so that the ids of others have to change. */
  get renumbersPictures(): boolean {
    return this.#pictures !== undefined;
  }

  /** The viewer's picture id; undefined for a picture that was left out. */
  viewerPicture(pictureId: number): number | undefined {
    return this.#pictures ? this.#pictures.map(pictureId) : pictureId;
  }

  /**
   * The source's number behind one of the viewer's, both unwrapped.
   * @returns undefined for a number that no packet of the source has had
   */
  sourceSequence(viewer: number): number | undefined {
    const kept = viewer - this.first + this.#firstSource;
    const unwrapped = this.#skipped ? this.#skipped.unmap(kept) : kept;
    const { highest = 0 } = this.#unwrapper;
    return unwrapped === undefined || unwrapped < this.#firstSource || unwrapped > highest ? undefined : unwrapped;
  }

  /** The viewer's timestamp at this moment of the source. */
  timestamp(source: number): number {
    return (source + this.#timestampOffset) >>> 0;
  }

  /** The viewer's timestamp of a packet, always the same one. */
  packetTimestamp(sequenceNumber: number, timestamp: number): number {
    const squeeze = this.#squeeze;
    if (!squeeze || this.#unwrapped(sequenceNumber) >= this.#firstSource + squeeze.packets) return this.timestamp(timestamp);
    const { liveTimestamp, duration, span } = squeeze;
    const behind = (liveTimestamp - timestamp) | 0;
    if (behind <= 0) return this.timestamp(timestamp);
    if (duration === 0) return this.timestamp(liveTimestamp);
    return this.timestamp(liveTimestamp - Math.round((Math.min(behind, duration) / duration) * span));
  }

  #unwrapped(sequenceNumber: number): number {
    const { highest = 0 } = this.#unwrapper;
    return highest + sequenceDistance(highest & 0xffff, sequenceNumber);
  }
}
