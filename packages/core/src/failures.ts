import { ERROR_CODES, type ErrorCode, MediaError } from './errors.ts';
import type { Logger } from './logger.ts';

/**
 * What foreign code threw, as an error that names its owner. A MediaError keeps its code and words;
 * anything else becomes `code` and `message`, because its own words may tell clients too much.
 */
export function blame(error: unknown, owner: string, code: ErrorCode, message: string): MediaError {
  if (MediaError.is(error) && Object.hasOwn(ERROR_CODES, error.code)) {
    if (error.plugin !== undefined) return error;
    return new MediaError(error.code, error.message, { plugin: owner, cause: error.cause });
  }
  return new MediaError(code, message, { plugin: owner, cause: error });
}

/** The words of anything thrown, for operators: one line, no stack. */
export function wordsOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? text;
}

/** Calls a listener of somebody else; what it throws is logged and harms nobody. */
export function callSafely(logger: Logger, what: string, listener: () => unknown): void {
  const failed = (error: unknown): void => logger.error({ err: error }, `${what} failed`);
  try {
    const result = listener();
    if (result instanceof Promise) result.catch(failed);
  } catch (error) {
    failed(error);
  }
}
