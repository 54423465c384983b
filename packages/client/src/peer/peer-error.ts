/** What went wrong between a {@link PeerClient} and its server, in a sentence for a person. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  /**
   * Of the server: in capitals, such as `STREAM_NOT_FOUND` or `HELLO_REQUIRED`. Of the client: `closed` = it was closed, or cannot come back; `offline` =
   * there is no connection; `timeout` = no answer in time; `malformed` = what the server sent is none of its messages; `media` = the RTCPeerConnection
   * refused a description.
   */
  readonly code: string;
  readonly details: string | undefined;

  constructor(code: string, message: string, options: { readonly details?: string | undefined; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
  }
}

export function closedError(): PeerError {
  return new PeerError('closed', 'The client is closed.');
}

export function lostError({ code, reason }: { readonly code: number; readonly reason: string }): PeerError {
  return new PeerError('offline', `The connection to the server is lost (${code}${reason === '' ? '' : `, ${reason}`}).`);
}
