const BUCKET_MS = 100;
const BUCKETS = 10;

/** Bits per second over about the last second, from ten buckets of 100 ms. Allocates nothing per packet. */
export class RateMeter {
  readonly #bytes = new Float64Array(BUCKETS);
  #bucket = 0;
  #total = 0;

  /** @param nowMs monotonic; a time before the last one counts as the last one */
  add(bytes: number, nowMs: number): void {
    this.#advance(nowMs);
    const slot = this.#bucket % BUCKETS;
    this.#bytes[slot] = (this.#bytes[slot] ?? 0) + bytes;
    this.#total += bytes;
  }

  bitrate(nowMs: number): number {
    this.#advance(nowMs);
    return (this.#total * 8000) / (BUCKETS * BUCKET_MS);
  }

  #advance(nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS);
    const steps = Math.min(bucket - this.#bucket, BUCKETS);
    if (steps <= 0) return;
    for (let step = 0; step < steps; step++) {
      const slot = (bucket - step) % BUCKETS;
      this.#total -= this.#bytes[slot] ?? 0;
      this.#bytes[slot] = 0;
    }
    this.#bucket = bucket;
  }
}
