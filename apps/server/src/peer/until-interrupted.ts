import { MediaError } from '@sluice/core';

/** A signal that is aborted by Ctrl-C, SIGTERM, or after so many seconds. Dispose of it when the command ends. */
export function untilInterrupted(seconds: string | undefined): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const limit = secondsOf(seconds);
  const timer = limit === undefined ? undefined : setTimeout(stop, limit * 1000);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      process.off('SIGINT', stop).off('SIGTERM', stop);
    },
  };
}

/** @throws MediaError ARGUMENT_INVALID */
function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 1_000_000) return seconds;
  throw new MediaError('ARGUMENT_INVALID', `--seconds must be a number above 0, not ${JSON.stringify(text)}.`);
}
