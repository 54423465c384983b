import { type Clock, type Logger, systemClock } from '@sluice/core';

/** The whole of a stop, milliseconds; who manages the process expects the end within 5 s. */
const DEADLINE_MS = 4_500;

/** A terminal and the process that started us may each pass on the same Ctrl-C. */
const SAME_KEYPRESS_MS = 500;

/** What {@link stopOnSignal} takes. */
export interface StopOptions {
  /** Lets sessions end by themselves, under a deadline of its own; only SIGTERM asks for that. */
  readonly drain: () => Promise<void>;
  readonly close: () => Promise<void>;
  readonly logger: Logger;
  /** Ends the process. */
  readonly exit: (code: number) => void;
  readonly signals?: NodeJS.EventEmitter | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * On SIGINT closes and exits with 0; with 1 when closing fails or takes too long, and at once on a second signal.
 * On SIGTERM drains first, which a second signal cuts short.
 */
export function stopOnSignal({ drain, close, logger, exit, signals = process, clock = systemClock }: StopOptions): void {
  let stoppingSince: number | undefined;
  let isDraining = false;
  const endDrain = Promise.withResolvers<void>();

  async function drainFirst(): Promise<void> {
    isDraining = true;
    try {
      await Promise.race([drain(), endDrain.promise]);
    } catch (error) {
      logger.error({ err: error }, 'Draining failed.');
    }
    isDraining = false;
    stoppingSince = clock.monotonic();
  }

  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (stoppingSince !== undefined) {
      if (clock.monotonic() - stoppingSince <= SAME_KEYPRESS_MS) return;
      if (isDraining) endDrain.resolve();
      else exit(1);
      return;
    }
    stoppingSince = clock.monotonic();
    logger.info(`Stopping on ${signal}; a second one stops at once.`);
    if (signal === 'SIGTERM') await drainFirst();
    clock.setTimeout(() => {
      logger.error(`Closing took more than ${DEADLINE_MS} ms; stopping without waiting for the rest.`);
      exit(1);
    }, DEADLINE_MS);
    try {
      await close();
      exit(0);
    } catch (error) {
      logger.error({ err: error }, 'Closing failed.');
      exit(1);
    }
  }

  signals.on('SIGINT', (signal: NodeJS.Signals) => void stop(signal));
  signals.on('SIGTERM', (signal: NodeJS.Signals) => void stop(signal));
}
