const INTERVAL_MS = 250;
/** How long a stall is remembered. */
const WINDOW_MS = 5_000;

/** Notices when the event loop stands still, so that a server which cannot keep up gets no more work. */
export class LoopWatch {
  readonly #maxLagMs: number;
  readonly #timer: NodeJS.Timeout;
  #expectedAt = performance.now() + INTERVAL_MS;
  #stall: { readonly lagMs: number; readonly at: number } | undefined;

  /** @param maxLagMs what counts as a stall, milliseconds */
  constructor(maxLagMs: number) {
    this.#maxLagMs = maxLagMs;
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS);
    this.#timer.unref();
  }

  /** For a readiness check; undefined while all is well. */
  problem(): string | undefined {
    // The question may come before the timer that is late.
    this.#look();
    const stall = this.#stall;
    if (!stall || performance.now() - stall.at > WINDOW_MS) return undefined;
    return `the event loop stood still for ${Math.round(stall.lagMs)} ms lately`;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const lagMs = now - this.#expectedAt;
    if (lagMs > this.#maxLagMs) this.#stall = { lagMs, at: now };
    this.#expectedAt = now + INTERVAL_MS;
  }
}
