import { MediaError } from '@sluice/core';

/** Codes of this dialect, beside those of core's errors; a retired one is never used again for something else. */
export type PeerErrorCode =
  | 'MESSAGE_MALFORMED'
  | 'MESSAGE_TYPE_UNKNOWN'
  | 'DATA_INVALID'
  | 'PEER_ID_INVALID'
  | 'PEER_ID_MISMATCH'
  | 'PEER_ID_BUSY'
  | 'HELLO_REQUIRED'
  | 'SESSION_REQUIRED'
  | 'ANSWER_UNEXPECTED'
  | 'CONTROL_DENIED'
  | 'SESSION_ENDED';

/** What a client has done wrong, in terms of the dialect. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  readonly code: PeerErrorCode;

  constructor(code: PeerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** `error` of an envelope. */
export interface ErrorBody {
  readonly code: string;
  /** A sentence for a person. */
  readonly message: string;
  readonly details?: string | undefined;
}

/** Undefined for what is no word to a client but a failure of ours. */
export function errorBodyOf(error: unknown): ErrorBody | undefined {
  if (error instanceof PeerError) return { code: error.code, message: error.message };
  if (MediaError.is(error)) return { code: error.code, message: error.message };
  return undefined;
}
