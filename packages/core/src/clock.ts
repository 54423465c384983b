/** Takes back what a registration did. Calling it again does nothing. */
export type Undo = () => void;

/** The only source of time in Sluice; tests hand in a fake one. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Monotonic clock, milliseconds with fractions. */
  monotonic(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  setTimeout(task: () => void, delayMs: number): Undo;
}

/** The clock of the process. Its timers keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(task, delayMs) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
