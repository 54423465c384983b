/**
 * `refused` = the server said no, `redirect` = it sends us elsewhere too often or without saying where, `timeout` = no answer in time, `network` = it cannot
 * be reached, `answer` = what it sent is no answer, `aborted` = the caller has given up.
 */
export type SignallingFailure = 'refused' | 'redirect' | 'timeout' | 'network' | 'answer' | 'aborted';

/** Why signalling failed. Its message is a sentence for a person, without credentials. */
export class SignallingError extends Error {
  override readonly name = 'SignallingError';
  readonly failure: SignallingFailure;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** What the server asks to wait, milliseconds (`Retry-After`). */
  readonly retryAfterMs: number | undefined;

  constructor(failure: SignallingFailure, message: string, details: { readonly status?: number; readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.failure = failure;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}
