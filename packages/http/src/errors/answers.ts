import { ERROR_CODES, type ErrorCode, MediaError } from '@sluice/core';

/** `code` of the ZLMediaKit API. */
export type ZlmCode = -1 | -100 | -300 | -400 | -500;

/** How one error code is said on each API. */
interface ErrorAnswer {
  readonly zlm: ZlmCode;
  /** Words that existing clients of the ZLMediaKit API compare; the error's own when absent. */
  readonly zlmMessage?: string;
  /** HTTP status where the API's standard wants another than {@link ERROR_CODES}. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const ASK_FOR_TOKEN = { 'WWW-Authenticate': 'Bearer' } as const;
/** Seconds. */
const TRY_LATER = { 'Retry-After': '5' } as const;

/** The one table of error answers. The compiler insists on an entry for every code. */
const ANSWERS: Readonly<Record<ErrorCode, ErrorAnswer>> = {
  ARGUMENT_MISSING: { zlm: -300 },
  ARGUMENT_INVALID: { zlm: -300 },
  OFFER_MALFORMED: { zlm: -400 },
  OFFER_TOO_LARGE: { zlm: -400 },
  OFFER_UNACCEPTABLE: { zlm: -400 },
  OFFER_UNSUPPORTED: { zlm: -400 },
  ANSWER_MALFORMED: { zlm: -400 },
  CANDIDATE_MALFORMED: { zlm: -400 },
  LAYER_UNKNOWN: { zlm: -300 },
  // RFC 9725 section 4.3.1: a session with trickle but without restart answers 501.
  ICE_RESTART_UNSUPPORTED: { zlm: -400, status: 501 },
  ICE_GENERATION_STALE: { zlm: -400 },
  TYPE_UNKNOWN: { zlm: -400, zlmMessage: 'the type can not supported' },
  UNAUTHORISED: { zlm: -400, headers: ASK_FOR_TOKEN },
  FORBIDDEN: { zlm: -400 },
  STREAM_NOT_FOUND: { zlm: -400, zlmMessage: 'stream not found' },
  STREAM_BUSY: { zlm: -400, zlmMessage: 'already publishing' },
  STREAM_ENDED: { zlm: -400 },
  SOURCE_FAILED: { zlm: -400 },
  SOURCE_LIMIT: { zlm: -400, headers: TRY_LATER },
  STREAM_FULL: { zlm: -400, headers: TRY_LATER },
  SESSION_NOT_FOUND: { zlm: -500, zlmMessage: 'id not found' },
  PLUGIN_NOT_FOUND: { zlm: -500 },
  DEAD_LETTER_NOT_FOUND: { zlm: -500 },
  CONFIG_UNAVAILABLE: { zlm: -500 },
  ENGINE_UNAVAILABLE: { zlm: -500 },
  EVENT_CLIENT_LIMIT: { zlm: -400, headers: TRY_LATER },
  SERVER_UNREACHABLE: { zlm: -400 },
  SECRET_INCORRECT: { zlm: -100, headers: ASK_FOR_TOKEN },
  SESSION_CLOSED: { zlm: -500 },
  SESSION_LIMIT: { zlm: -400, headers: TRY_LATER },
  TOKEN_INCORRECT: { zlm: -100, zlmMessage: 'token incorrect', headers: ASK_FOR_TOKEN },
  REQUEST_ABORTED: { zlm: -400 },
  HOOK_FAILED: { zlm: -400 },
  HOOK_TIMEOUT: { zlm: -400 },
  PLUGIN_FAILED: { zlm: -400 },
  PLUGIN_TIMEOUT: { zlm: -400 },
  PLUGIN_INVALID: { zlm: -400 },
  PLUGIN_DUPLICATE: { zlm: -400 },
  PLUGIN_DEPENDENCY: { zlm: -400 },
  PLUGIN_LOAD: { zlm: -400 },
  MANAGER_NOT_READY: { zlm: -400, headers: TRY_LATER },
  MANAGER_FROZEN: { zlm: -400 },
  MANAGER_DRAINING: { zlm: -400, headers: TRY_LATER },
  MANAGER_CLOSED: { zlm: -400, headers: TRY_LATER },
  ENGINE_CLOSED: { zlm: -400, headers: TRY_LATER },
  PORT_IN_USE: { zlm: -400 },
  CONFIG_INVALID: { zlm: -400 },
  DTLS_FAILED: { zlm: -400 },
  INTERNAL: { zlm: -400 },
};

/** An error as a client is told it. */
export interface PublicError {
  readonly code: ErrorCode;
  /** HTTP status (RFC 9110). */
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly zlm: { readonly code: ZlmCode; readonly msg: string };
}

/**
 * What may be said of anything thrown. A MediaError is made for clients;
 * the words of any other error may hold paths and secrets and stay here.
 */
export function publicError(error: unknown): PublicError {
  const known = MediaError.is(error) && Object.hasOwn(ANSWERS, error.code);
  const code = known ? error.code : 'INTERNAL';
  const message = known ? error.message : 'Something went wrong in the server; its log has the details.';
  const answer = ANSWERS[code];
  return {
    code,
    message,
    status: answer.status ?? ERROR_CODES[code],
    headers: answer.headers ?? {},
    zlm: { code: answer.zlm, msg: answer.zlmMessage ?? message },
  };
}
