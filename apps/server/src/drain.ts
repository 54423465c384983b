import { type Clock, type Logger, type WebRtcPluginManager, systemClock } from '@sluice/core';

/** What {@link drain} takes. */
export interface DrainOptions {
  readonly manager: Pick<WebRtcPluginManager, 'drain' | 'sessions'>;
  readonly logger: Logger;
  /** Deadline, milliseconds. */
  readonly drainMs: number;
  readonly clock?: Clock | undefined;
}

/** Refuses new sessions and resolves when those that are open have ended by themselves, or time is up. */
export async function drain({ manager, logger, drainMs, clock = systemClock }: DrainOptions): Promise<void> {
  const ended = manager.drain();
  if (manager.sessions.size > 0) logger.info({ sessions: manager.sessions.size, drainMs }, `Draining: ${manager.sessions.size} sessions may go on for ${drainMs} ms, new ones are refused.`);
  const deadline = Promise.withResolvers<void>();
  const cancel = clock.setTimeout(deadline.resolve, drainMs);
  await Promise.race([ended, deadline.promise]);
  cancel();
  if (manager.sessions.size > 0) logger.warn({ sessions: manager.sessions.size }, `${manager.sessions.size} sessions had not ended when the drain was over.`);
}
