import type { Clock } from './clock.ts';
import { MediaError } from './errors.ts';
import type { Awaitable } from './hook-points.ts';

/** When foreign code is given up. */
export interface Deadline {
  readonly ms: number;
  /** The error when the time is up; it names the culprit. */
  readonly expired: () => MediaError;
  /** Gives up earlier. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs foreign code until it settles, its deadline passes or the outer signal aborts, whichever is first.
 * The task's own signal is aborted in the last two cases; what it gives after that is dropped.
 */
export function withDeadline<T>(
  clock: Clock,
  deadline: Deadline,
  task: (signal: AbortSignal) => Awaitable<T>,
): Promise<T> {
  const outer = deadline.signal;
  return new Promise<T>((resolve, reject) => {
    const controller = new AbortController();
    const giveUp = (error: MediaError): void => {
      release();
      reject(error);
      controller.abort(error);
    };
    const onAbort = (): void => giveUp(abortError(outer));
    const cancelTimer = clock.setTimeout(() => giveUp(deadline.expired()), deadline.ms);
    const release = (): void => {
      cancelTimer();
      outer?.removeEventListener('abort', onAbort);
    };

    if (outer?.aborted) return onAbort();
    outer?.addEventListener('abort', onAbort);
    call(task, controller.signal).finally(release).then(resolve, reject);
  });
}

/** Why a signal was aborted: its reason when that is a MediaError, else that the client is gone. */
export function abortError(signal: AbortSignal | undefined): MediaError {
  if (MediaError.is(signal?.reason)) return signal.reason;
  return new MediaError('REQUEST_ABORTED', 'The client went away before the request was answered.');
}

/** An async function turns a synchronous throw into a rejection. */
async function call<T>(task: (signal: AbortSignal) => Awaitable<T>, signal: AbortSignal): Promise<T> {
  return task(signal);
}
