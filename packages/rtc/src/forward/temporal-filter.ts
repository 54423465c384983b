/** What a packet says of its picture. */
export interface TemporalMark {
  /** 0 where nothing is marked. */
  readonly temporalLayer: number;
  /** Whether who has had lower temporal layers only may take this one from here on. */
  readonly switchingPoint: boolean;
  /** The highest layer that who has had this picture may take from then on; -1 where nothing says it. */
  readonly switchesUpTo: number;
}

/** Leaves out the pictures of higher temporal layers: from any picture on, and takes them up again where that does no harm. */
export class TemporalFilter {
  #wanted = Infinity;
  #highest = Infinity;
  #timestamp: number | undefined;
  #passes = true;

  /** Whether pictures are left out, or soon will be. */
  get isActive(): boolean {
    return this.#wanted !== Infinity || this.#highest !== Infinity;
  }

  /** The highest layer that is wanted. */
  set wanted(layer: number) {
    // What was seen last before is no measure of what is old now.
    if (!this.isActive) this.#timestamp = undefined;
    this.#wanted = layer;
  }

  /** Begins anew with another stream. */
  reset(): void {
    this.#highest = this.#wanted;
    this.#timestamp = undefined;
  }

  /**
   * Whether the viewer is to have this packet; all packets of a picture fare alike.
   * @param timestamp of the source
   */
  admits(timestamp: number, mark: TemporalMark, keyframe: boolean): boolean {
    const step = this.#timestamp === undefined ? 1 : (timestamp - this.#timestamp) | 0;
    if (step === 0) return this.#passes;
    // Of a picture that is past, late packets go where their number has room.
    if (step < 0) return true;
    this.#timestamp = timestamp;
    this.#adjust(mark, keyframe);
    this.#passes = mark.temporalLayer <= this.#highest;
    return this.#passes;
  }

  /** One layer at a time, unless the picture says more: a switching point says nothing of the layers between. */
  #adjust({ temporalLayer, switchingPoint, switchesUpTo }: TemporalMark, keyframe: boolean): void {
    if (this.#wanted <= this.#highest || keyframe) this.#highest = this.#wanted;
    else if (temporalLayer <= this.#highest && switchesUpTo > this.#highest) this.#highest = Math.min(this.#wanted, switchesUpTo);
    else if (switchingPoint && temporalLayer === this.#highest + 1) this.#highest = temporalLayer;
  }
}
