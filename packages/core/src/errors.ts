/**
 * Every error code of Sluice with the HTTP status that fits it (RFC 9110).
 * A retired code is never used again for something else.
 */
export const ERROR_CODES = {
  ARGUMENT_MISSING: 400,
  ARGUMENT_INVALID: 400,
  OFFER_MALFORMED: 400,
  OFFER_TOO_LARGE: 413,
  OFFER_UNACCEPTABLE: 422,
  OFFER_UNSUPPORTED: 422,
  ANSWER_MALFORMED: 400,
  CANDIDATE_MALFORMED: 400,
  LAYER_UNKNOWN: 422,
  SOURCE_FAILED: 502,
  SOURCE_LIMIT: 503,
  ICE_RESTART_UNSUPPORTED: 422,
  ICE_GENERATION_STALE: 412,
  TYPE_UNKNOWN: 404,
  UNAUTHORISED: 401,
  FORBIDDEN: 403,
  STREAM_NOT_FOUND: 404,
  STREAM_BUSY: 409,
  STREAM_ENDED: 410,
  STREAM_FULL: 503,
  SESSION_NOT_FOUND: 404,
  PLUGIN_NOT_FOUND: 404,
  DEAD_LETTER_NOT_FOUND: 404,
  CONFIG_UNAVAILABLE: 404,
  ENGINE_UNAVAILABLE: 404,
  EVENT_CLIENT_LIMIT: 503,
  SERVER_UNREACHABLE: 502,
  SECRET_INCORRECT: 401,
  SESSION_CLOSED: 410,
  SESSION_LIMIT: 503,
  TOKEN_INCORRECT: 401,
  REQUEST_ABORTED: 499,
  HOOK_FAILED: 502,
  HOOK_TIMEOUT: 504,
  PLUGIN_FAILED: 500,
  PLUGIN_TIMEOUT: 504,
  PLUGIN_INVALID: 500,
  PLUGIN_DUPLICATE: 500,
  PLUGIN_DEPENDENCY: 500,
  PLUGIN_LOAD: 500,
  MANAGER_NOT_READY: 503,
  MANAGER_FROZEN: 500,
  MANAGER_DRAINING: 503,
  MANAGER_CLOSED: 503,
  ENGINE_CLOSED: 503,
  PORT_IN_USE: 500,
  CONFIG_INVALID: 500,
  DTLS_FAILED: 500,
  INTERNAL: 500,
} as const;

/** One of the codes of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** What {@link MediaError} takes beside code and message. */
export interface MediaErrorOptions {
  /** The plugin that caused it, by package name. */
  readonly plugin?: string | undefined;
  /** The error behind this one. */
  readonly cause?: unknown;
}

/** The one error class of Sluice. Its message is a sentence for a person. */
export class MediaError extends Error {
  override readonly name = 'MediaError';
  readonly code: ErrorCode;
  /** HTTP status of the code. */
  readonly status: number;
  readonly plugin: string | undefined;

  constructor(code: ErrorCode, message: string, options: MediaErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = ERROR_CODES[code];
    this.plugin = options.plugin;
  }

  /** True also for a MediaError of another installed copy of this package. */
  static is(value: unknown): value is MediaError {
    return value instanceof Error && value.name === 'MediaError' && 'code' in value && 'status' in value;
  }
}
