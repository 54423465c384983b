/** Where the clients take time from; tests hand in a fake one. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Monotonic clock, milliseconds with fractions. */
  monotonic(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  setTimeout(task: () => void, delayMs: number): () => void;
}

/** Longer ones would fire at once (HTML and Node keep 32 bits). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of the page or process. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(task, delayMs) {
    const timer = globalThis.setTimeout(task, Math.min(LONGEST_TIMER_MS, Math.max(0, delayMs)));
    return () => globalThis.clearTimeout(timer);
  },
};
