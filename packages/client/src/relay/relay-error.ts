/** What went wrong at a relay, in a sentence for a person. */
export class RelayError extends Error {
  override readonly name = 'RelayError';
  /**
   * Of the relay: `bad_message`, `not_registered`, `bad_client_id`, `already_registered`, `duplicate_client_id`, `unknown_target`, `target_busy`,
   * `token_incorrect`. Of the client: `closed` = it was closed, or cannot come back; `offline` = there is no connection; `timeout` = no answer in time;
   * `unknown` = the relay gave no code.
   */
  readonly code: string;
  /** The client that a message was for, where the relay says so. */
  readonly targetId: string | undefined;

  constructor(code: string, message: string, targetId?: string) {
    super(message);
    this.code = code;
    this.targetId = targetId;
  }
}
