const FIRST_WINDOW_MS = 500;
const WINDOW_MS = 150;
const FIRST_VARIANCE = 50;
/** How much the true rate may have changed from one window to the next. */
const PROCESS_NOISE = 5;
/** A sample far from the estimate is trusted less. */
const UNCERTAINTY = 10;

/** The rate at which packets arrive at the receiver: windows of 150 ms, smoothed by how far each lies off (Bayes). */
export class AcknowledgedBitrate {
  #kbps: number | undefined;
  #variance = FIRST_VARIANCE;
  #windowMs = 0;
  #bytes = 0;
  #lastArrival: number | undefined;

  /** Bit/s; undefined until half a second of packets has arrived. */
  get value(): number | undefined {
    return this.#kbps === undefined ? undefined : this.#kbps * 1000;
  }

  /** @param arrival milliseconds of the receiver's clock */
  add(bytes: number, arrival: number): void {
    const window = this.#kbps === undefined ? FIRST_WINDOW_MS : WINDOW_MS;
    this.#advance(arrival, window);
    if (this.#windowMs >= window) {
      this.#update((this.#bytes * 8) / window);
      this.#windowMs -= window;
      this.#bytes = 0;
    }
    this.#bytes += bytes;
  }

  #advance(arrival: number, window: number): void {
    const elapsed = arrival - (this.#lastArrival ?? arrival);
    // Packets that overtook each other; the clock stands still for the late one.
    if (elapsed < 0 && elapsed > -window) return;
    this.#lastArrival = arrival;
    if (elapsed >= 0 && elapsed <= window) {
      this.#windowMs += elapsed;
      return;
    }
    // Silence or a clock that was set: what was gathered before belongs to no window.
    this.#windowMs = 0;
    this.#bytes = 0;
  }

  #update(sample: number): void {
    const estimate = this.#kbps;
    if (estimate === undefined) {
      this.#kbps = sample;
      return;
    }
    const uncertainty = (UNCERTAINTY * Math.abs(estimate - sample)) / Math.max(estimate, 1);
    const sampleVariance = uncertainty * uncertainty;
    const predicted = this.#variance + PROCESS_NOISE;
    this.#kbps = (sampleVariance * estimate + predicted * sample) / (sampleVariance + predicted);
    this.#variance = (sampleVariance * predicted) / (sampleVariance + predicted);
  }
}
