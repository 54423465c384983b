const WINDOW = 20;
const SMOOTHING = 0.9;
/** More groups than this make the trend no surer. */
const MAX_WEIGHT = 60;
const GAIN = 4;

/**
 * The trendline filter: the slope of the smoothed one-way delay over the last groups of packets, which is what a queue
 * adds to each. It takes the place of the Kalman filter of draft-ietf-rmcat-gcc-02 section 5.3, as in libwebrtc.
 */
export class DelayTrend {
  /** Arrival of each group since the first, and its smoothed delay; rings. */
  readonly #times = new Float64Array(WINDOW);
  readonly #delays = new Float64Array(WINDOW);
  #firstArrival = 0;
  #delay = 0;
  #smoothedDelay = 0;
  #groups = 0;
  #slope = 0;

  /** In the unit of the detector's threshold: the slope, weighted by how many groups it rests on. */
  get value(): number {
    return this.#groups < 2 ? 0 : Math.min(this.#groups, MAX_WEIGHT) * this.#slope * GAIN;
  }

  /** Growth of the delay, milliseconds per millisecond. */
  get slope(): number {
    return this.#slope;
  }

  /** @param delayDelta how much longer a group took than the one before it, milliseconds */
  add(delayDelta: number, arrival: number): void {
    if (this.#groups === 0) this.#firstArrival = arrival;
    const slot = this.#groups % WINDOW;
    this.#groups++;
    this.#delay += delayDelta;
    this.#smoothedDelay = SMOOTHING * this.#smoothedDelay + (1 - SMOOTHING) * this.#delay;
    this.#times[slot] = arrival - this.#firstArrival;
    this.#delays[slot] = this.#smoothedDelay;
    if (this.#groups >= WINDOW) this.#slope = this.#fit() ?? this.#slope;
  }

  reset(): void {
    this.#delay = 0;
    this.#smoothedDelay = 0;
    this.#groups = 0;
    this.#slope = 0;
  }

  /** Least squares; undefined when all groups arrived at once. */
  #fit(): number | undefined {
    let meanTime = 0;
    let meanDelay = 0;
    for (let index = 0; index < WINDOW; index++) {
      meanTime += (this.#times[index] ?? 0) / WINDOW;
      meanDelay += (this.#delays[index] ?? 0) / WINDOW;
    }
    let covariance = 0;
    let variance = 0;
    for (let index = 0; index < WINDOW; index++) {
      const time = (this.#times[index] ?? 0) - meanTime;
      covariance += time * ((this.#delays[index] ?? 0) - meanDelay);
      variance += time * time;
    }
    return variance === 0 ? undefined : covariance / variance;
  }
}
