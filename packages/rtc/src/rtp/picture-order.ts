import { sequenceDistance } from './sequence.ts';

/** Timestamps that step back further are those of an encoder that started anew. Two seconds of 90 kHz. */
const MAX_STEP_BACK = 180_000;
/** One step back may be a mistake of an encoder. */
const STEPS_BACK = 2;

/** Finds streams whose pictures are sent in another order than they are shown: as packets come in order, their timestamps go back. */
export class PictureOrder {
  #sequenceNumber: number | undefined;
  #timestamp = 0;
  #stepsBack = 0;

  get isReordered(): boolean {
    return this.#stepsBack >= STEPS_BACK;
  }

  /** Takes each packet; those that come late, or again, say nothing. */
  onPacket(sequenceNumber: number, timestamp: number): void {
    const isFirst = this.#sequenceNumber === undefined;
    if (this.#sequenceNumber !== undefined && sequenceDistance(this.#sequenceNumber, sequenceNumber) <= 0) return;
    this.#sequenceNumber = sequenceNumber;
    const step = (timestamp - this.#timestamp) | 0;
    this.#timestamp = timestamp;
    if (!isFirst && step < 0 && step > -MAX_STEP_BACK) this.#stepsBack++;
  }
}
