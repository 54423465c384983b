import { SignallingError } from '../whip-whep/signalling-error.ts';
import type { EndpointError } from './endpoint-error.ts';
import type { Direction } from './options.ts';
import type { Reconnect } from './settings.ts';

/** What an endpoint has been through when a connection ends or does not come about. */
export interface Experience {
  readonly direction: Direction;
  /** Whether it was ever connected. */
  readonly wasConnected: boolean;
}

/** Statuses of servers that may think otherwise soon. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether another attempt makes sense. */
export function isWorthRetrying(error: EndpointError, reconnect: Reconnect, experience: Experience): boolean {
  if (!experience.wasConnected && !reconnect.initially) return false;
  switch (error.failure) {
    case 'ended-by-server':
      return reconnect.whenEnded;
    case 'no-media-path':
    case 'connection-lost':
      return true;
    case 'signalling':
      return mayPass(error.cause, experience);
    default:
      return false;
  }
}

/** What the server wants to be waited for, milliseconds. */
export function retryAfterOf({ cause }: EndpointError): number {
  return cause instanceof SignallingError ? (cause.retryAfterMs ?? 0) : 0;
}

function mayPass(cause: unknown, { direction, wasConnected }: Experience): boolean {
  // Thrown by the caller's token function.
  if (!(cause instanceof SignallingError)) return false;
  if (cause.failure !== 'refused') return cause.failure === 'network' || cause.failure === 'timeout';
  const status = statusOf(cause);
  // A stream that is to come; with a publisher, a server that has not found its plugin.
  if (status === 404) return direction === 'play' || wasConnected;
  // The server may not know yet that our last connection is over.
  if (status === 409) return wasConnected;
  return status !== undefined && PASSING_STATUSES.has(status);
}

/** The ZLMediaKit API says these two in words. */
function statusOf({ code, words, status }: SignallingError): number | undefined {
  if (code === undefined) return status;
  if (words === 'stream not found') return 404;
  return words === 'already publishing' ? 409 : undefined;
}
