import type { EndpointError } from '../endpoint/endpoint-error.ts';
import type { EndpointState, EndpointStep } from '../endpoint/events.ts';
import { SignallingError } from '../whip-whep/signalling-error.ts';

/** Where an endpoint is, as far as a person is told. */
export interface Situation {
  readonly purpose: 'play' | 'publish';
  readonly state: EndpointState;
  readonly step: EndpointStep | undefined;
  readonly error: EndpointError | undefined;
}

/** What a person reads about it, and what a screen reader says. */
export function situationWords(situation: Situation): string {
  const { purpose, state, step } = situation;
  switch (state) {
    case 'new':
    case 'closed':
      return purpose === 'play' ? 'Ready to play' : 'Ready to go live';
    case 'connecting':
      return connectingWords(purpose, step);
    case 'connected':
      return 'Live';
    case 'reconnecting':
      return reconnectingWords(situation);
    default:
      return failureWords(situation);
  }
}

function connectingWords(purpose: Situation['purpose'], step: EndpointStep | undefined): string {
  if (step === 'capturing') return 'Waiting for the camera…';
  if (step === 'negotiating') return purpose === 'play' ? 'Waiting for the stream…' : 'Asking the server…';
  return 'Connecting…';
}

function reconnectingWords({ purpose, error }: Situation): string {
  if (!error) return 'The connection is interrupted. Waiting for it to come back…';
  if (error.failure === 'ended-by-server' && purpose === 'play') return 'The stream has stopped. Waiting for it to come back…';
  if (statusOf(error) === 404) return 'The stream is not live yet. Waiting for it…';
  return `${error.message} Trying again…`;
}

function failureWords({ purpose, error }: Situation): string {
  if (!error) return 'It did not work.';
  const status = statusOf(error);
  if (status === 401) return 'The server wants a token, or another one.';
  if (status === 403) return 'The server does not allow this.';
  if (status === 409) return 'Somebody else publishes this stream.';
  if (status === 404) return purpose === 'play' ? 'There is no such stream.' : 'The server takes no streams here.';
  return error.message;
}

/** The ZLMediaKit API says it in words. */
function statusOf({ cause }: EndpointError): number | undefined {
  if (!(cause instanceof SignallingError)) return undefined;
  if (cause.words === 'stream not found') return 404;
  return cause.words === 'already publishing' ? 409 : cause.status;
}
