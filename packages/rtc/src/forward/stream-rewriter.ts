import { randomInt } from 'node:crypto';
import { SequenceUnwrapper, sequenceDistance } from '../rtp/sequence.ts';

/** Low enough that a sender's rollover counter cannot be guessed wrong at the start (RFC 3711 section 3.3.1). */
const MAX_FIRST_SEQUENCE = 0x4000;
/**
 * No packet comes later than this, because SRTP's replay window is shorter. What seems to is half a
 * cycle ahead: mapped as it is, it would be encrypted under an index that was used (RFC 3711 section 9.1).
 */
const MAX_LATENESS = 2048;

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
  #lastSequence = 0;
  #lastTimestamp = 0;
  #lastAt = 0;

  /** @param clockRate of the codec, Hz */
  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** SSRC of the source that is sent; undefined before the first. */
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
    const isFirst = this.#sourceSsrc === undefined;
    const nextSequence = isFirst ? randomInt(MAX_FIRST_SEQUENCE) : this.#lastSequence + 1;
    const elapsed = Math.max(1, Math.round(((now - this.#lastAt) * this.#clockRate) / 1000));
    const nextTimestamp = isFirst ? randomInt(2 ** 31) : this.#lastTimestamp + elapsed;
    this.#sourceSsrc = sourceSsrc;
    this.#unwrapper.reset();
    this.#firstSequence = this.#unwrapper.unwrap(sequenceNumber);
    this.#sequenceOffset = nextSequence - sequenceNumber;
    this.#timestampOffset = nextTimestamp - timestamp;
  }

  /**
   * The viewer's sequence number for a packet of the source.
   * @returns undefined for a packet from before the start, which the viewer must not see
   */
  sequenceNumber(source: number): number | undefined {
    if (this.#unwrapper.unwrap(source) < this.#firstSequence) return undefined;
    return (source + this.#sequenceOffset) & 0xffff;
  }

  timestamp(source: number): number {
    return (source + this.#timestampOffset) >>> 0;
  }

  /** Notes what was sent, as the point where another source would continue. */
  sent(sequenceNumber: number, timestamp: number, now: number): void {
    const isOlder = this.#lastAt > 0 && ((sequenceNumber - this.#lastSequence) & 0xffff) >= 0x8000;
    if (isOlder) return;
    this.#lastSequence = sequenceNumber;
    this.#lastTimestamp = timestamp;
    this.#lastAt = now;
  }

  /** The source's sequence number behind one of the viewer's. */
  sourceSequenceNumber(sequenceNumber: number): number {
    return (sequenceNumber - this.#sequenceOffset) & 0xffff;
  }
}
