import { SequenceUnwrapper } from '../rtp/sequence.ts';
import { SkippedNumbers } from './skipped-numbers.ts';

const PICTURE_ID_MASK = 0x7fff;

/**
 * VP8 picture ids (RFC 7741 section 4.2) without the gaps of pictures that were left out: a decoder waits for what
 * it takes for lost. Ids of 15 bits only.
 */
export class PictureNumbers {
  readonly #unwrapper = new SequenceUnwrapper();
  readonly #skipped = new SkippedNumbers();
  #lastSkipped = -1;

  /** Whether ids have to be changed at all. */
  get isEmpty(): boolean {
    return this.#skipped.isEmpty;
  }

  /** Leaves a picture out; called for each of its packets. */
  skip(pictureId: number): void {
    if (pictureId === this.#lastSkipped) return;
    this.#lastSkipped = pictureId;
    const { highest = -Infinity } = this.#unwrapper;
    const number = this.#unwrap(pictureId);
    // An id from before must change no other that was sent already.
    if (number > highest / 2) this.#skipped.skip(number);
  }

  /** The id that the viewer sees; undefined for a picture that was left out. */
  map(pictureId: number): number | undefined {
    const mapped = this.#skipped.map(this.#unwrap(pictureId));
    return mapped === undefined ? undefined : mapped & PICTURE_ID_MASK;
  }

  /** 15 bits turn on the circle of 16 as even numbers. */
  #unwrap(pictureId: number): number {
    return Math.floor(this.#unwrapper.unwrap(pictureId << 1) / 2);
  }
}
