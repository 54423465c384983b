/** What the server has refused a producer or consumer of logs, in a sentence for a person. */
export class LogSignallingError extends Error {
  override readonly name = 'LogSignallingError';
  /** Stable, for programs: `token_incorrect`, `duplicate_client_id`, … Those of the server; `unknown` = it gave none. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
