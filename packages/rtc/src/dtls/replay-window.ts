const WINDOW_SIZE = 64;

/** Tells records that came before from new ones (RFC 6347 section 4.1.2.6). */
export class ReplayWindow {
  /** Slot `n` holds the last accepted sequence number that is `n` modulo the window's size. */
  readonly #accepted = Array.from({ length: WINDOW_SIZE }, () => -1);
  #highest = -1;

  /** False for a sequence number that was accepted before, or is too old to tell. */
  isNew(sequence: number): boolean {
    if (sequence <= this.#highest - WINDOW_SIZE) return false;
    return this.#accepted[sequence % WINDOW_SIZE] !== sequence;
  }

  /** Call it only for records that were authenticated: a forged number must not move the window. */
  accept(sequence: number): void {
    this.#accepted[sequence % WINDOW_SIZE] = sequence;
    this.#highest = Math.max(this.#highest, sequence);
  }
}
