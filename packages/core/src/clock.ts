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

/** Node fires a timer with a longer delay at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of the process. Its timers keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(task, delayMs) {
    let timer: NodeJS.Timeout;
    const arm = (restMs: number): void => {
      const laterMs = restMs - LONGEST_TIMER_MS;
      timer = laterMs > 0 ? setTimeout(() => arm(laterMs), LONGEST_TIMER_MS) : setTimeout(task, restMs);
    };
    arm(Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};
