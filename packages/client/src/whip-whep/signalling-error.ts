/**
 * `refused` = the server said no, `redirect` = it sends us elsewhere too often or without saying where, `timeout` = no answer in time, `network` = it cannot
 * be reached, `answer` = what it sent is no answer, `aborted` = the caller has given up.
 */
export type SignallingFailure = 'refused' | 'redirect' | 'timeout' | 'network' | 'answer' | 'aborted';

/** What a {@link SignallingError} knows beside its words. */
export interface SignallingErrorDetails {
  readonly status?: number | undefined;
  readonly code?: number | undefined;
  readonly words?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** Why signalling failed. Its message is a sentence for a person, without credentials. */
export class SignallingError extends Error {
  override readonly name = 'SignallingError';
  readonly failure: SignallingFailure;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** `code` of the ZLMediaKit API. */
  readonly code: number | undefined;
  /** What the server itself said about it, one line. */
  readonly words: string | undefined;
  /** What the server asks to wait, milliseconds (`Retry-After`). */
  readonly retryAfterMs: number | undefined;

  constructor(failure: SignallingFailure, message: string, details: SignallingErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.failure = failure;
    this.status = details.status;
    this.code = details.code;
    this.words = details.words;
    this.retryAfterMs = details.retryAfterMs;
  }
}
