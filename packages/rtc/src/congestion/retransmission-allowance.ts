/** What may go at once after a calm: all that the path carries in this time. */
const BURST_MS = 500;

/**
 * Bounds retransmissions by what the path carries: where packets are lost because it is full, sending each of them again
 * and again would keep it full (libwebrtc limits them in the same way). Milliseconds and bit/s.
 */
export class RetransmissionAllowance {
  /** Below zero when the last packet was larger than what was left. */
  #bits = Infinity;
  #refilledAt: number | undefined;

  /** Whether another packet may be sent again. */
  isOpen(bitrate: number, now: number): boolean {
    const elapsed = Math.max(0, now - (this.#refilledAt ?? now));
    this.#refilledAt = now;
    this.#bits = Math.min((bitrate * BURST_MS) / 1000, this.#bits + (bitrate * elapsed) / 1000);
    return this.#bits > 0;
  }

  spend(bytes: number): void {
    this.#bits -= 8 * bytes;
  }
}
