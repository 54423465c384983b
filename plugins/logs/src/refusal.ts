import type { JsonMessage } from '@sluice/core';

/** What clients are told in `code` of an error. */
export type LogsErrorCode =
  | 'bad_message'
  | 'bad_role'
  | 'bad_client_id'
  | 'bad_metadata'
  | 'bad_subscription'
  | 'bad_target'
  | 'not_registered'
  | 'already_registered'
  | 'duplicate_client_id'
  | 'token_incorrect'
  | 'room_full'
  | 'too_often'
  | 'unknown_type'
  | 'unknown_target'
  | 'not_paired'
  | 'target_busy'
  | 'bad_offer'
  | 'bad_candidate'
  | 'history_full'
  | 'history_unavailable'
  | 'bad_history_request';

/** Why a message of a client is not done; the client is told, and its connection goes on. */
export class Refusal {
  readonly code: LogsErrorCode;
  /** A sentence for a person: what was expected, and what to do. */
  readonly message: string;
  readonly details: JsonMessage;

  constructor(code: LogsErrorCode, message: string, details: JsonMessage = {}) {
    this.code = code;
    this.message = message;
    this.details = details;
  }
}
