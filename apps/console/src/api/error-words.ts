import { EndpointError, SignallingError } from '@sluice/client';
import { RequestError } from './request-error.ts';

/** What was tried when it failed. */
export interface Attempt {
  readonly action: 'play' | 'publish' | 'echo';
  /** `app/stream`. */
  readonly stream: string;
  /** Where the media comes from, when this page sends some. */
  readonly source?: 'camera' | 'screen' | 'test' | undefined;
}

const UNREACHABLE = 'The server cannot be reached. Check that it is running, then try again.';
const TOO_LONG = 'The server took too long to answer. Try again.';

/** Says in a sentence or two what went wrong and what can be done about it. */
export function errorWords(error: unknown, attempt: Attempt): string {
  if (error instanceof EndpointError && error.cause !== undefined) return errorWords(error.cause, attempt);
  if (error instanceof SignallingError) return signallingWords(error, attempt);
  if (error instanceof RequestError) return refusalWords(error, attempt);
  // fetch() throws a TypeError when no answer came.
  if (error instanceof TypeError) return UNREACHABLE;
  const { name, message } = nameAndMessage(error);
  if (name === 'TimeoutError') return TOO_LONG;
  if (error instanceof EndpointError) return message;
  return captureWords(name, attempt) ?? `It did not work: ${withFullStop(message)}`;
}

function signallingWords({ failure, status, code, words, message, retryAfterMs }: SignallingError, attempt: Attempt): string {
  if (failure === 'network') return UNREACHABLE;
  if (failure === 'timeout') return TOO_LONG;
  if (failure !== 'refused') return message;
  // The ZLMediaKit API refuses with status 200.
  const refused = code === undefined ? (status ?? 0) : 0;
  return refusalWords(new RequestError(refused, words ?? '', { retryAfter: retryAfterMs === undefined ? undefined : retryAfterMs / 1000 }), attempt);
}

function refusalWords({ status, code, message, retryAfter }: RequestError, { action, stream }: Attempt): string {
  if (status === 409 || code === 'STREAM_BUSY') return `Someone already publishes ${stream}. Choose another name.`;
  if (status === 404 && action === 'play') return `Nobody publishes ${stream}, and it did not appear in time.`;
  if (status === 404) return 'The server does not offer this: the plugin for it is not loaded.';
  if (status === 401) return `The server wants to know who you are. Add what it asks for to the name, for example ${stream}?token=…`;
  if (status === 403) return `The server refused: ${withFullStop(message)}`;
  if (status === 422) return `The server cannot use what this browser offers: ${withFullStop(message)}`;
  if (status === 503) return `The server takes no new sessions right now. Try again in ${retryAfter ?? 5} seconds.`;
  if (status === 0) return `The server refused: ${withFullStop(message)}`;
  return `The server answered with error ${status}: ${withFullStop(message)}`;
}

/** Errors of getUserMedia and getDisplayMedia by name (W3C Media Capture and Streams). */
function captureWords(name: string, { source }: Attempt): string | undefined {
  const screen = source === 'screen';
  switch (name) {
    case 'NotAllowedError':
      return screen
        ? 'The screen was not shared. Choose a screen, window or tab when the browser asks.'
        : 'The browser may not use the camera. Allow it beside the address bar, then try again.';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'No camera was found. Plug one in, or use the test picture.';
    case 'NotReadableError':
    case 'AbortError':
      return screen ? 'The screen could not be captured. Try again.' : 'The camera is in use by another program. Close that, then try again.';
    default:
      return undefined;
  }
}

function nameAndMessage(error: unknown): { name: string; message: string } {
  return error instanceof Error || error instanceof DOMException ? error : { name: '', message: String(error) };
}

function withFullStop(text: string): string {
  const sentence = text.trim() || 'it gave no reason';
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
}
