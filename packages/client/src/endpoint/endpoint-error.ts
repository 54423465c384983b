/**
 * `unsupported` = this platform has no WebRTC, `capture` = camera, microphone or screen could not be opened, `signalling` = no answer came for the
 * offer (the cause is a SignallingError), `answer` = the answer does not fit the offer, `no-media-path` = the answer came and media does not get through,
 * `connection-lost` = media stopped, `ended-by-server` = the server closed the connection, `closed` = it was closed here before it was connected.
 */
export type EndpointFailure = 'unsupported' | 'capture' | 'signalling' | 'answer' | 'no-media-path' | 'connection-lost' | 'ended-by-server' | 'closed';

/** Why an endpoint is not connected. Its message is a sentence for a person. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
  readonly failure: EndpointFailure;

  constructor(failure: EndpointFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}

/** The error's own words, or those of whatever else was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
