import { backoffDelay } from '../time/backoff.ts';
import { SignallingError } from '../whip-whep/signalling-error.ts';
import type { EndpointError } from './endpoint-error.ts';
import type { Direction } from './options.ts';
import type { Reconnect, Settings } from './settings.ts';

/** What an endpoint has been through when a connection ends or does not come about. */
interface Experience {
  readonly direction: Direction;
  /** Whether it was ever connected. */
  readonly wasConnected: boolean;
}

/** Statuses of servers that may think otherwise soon. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Counts what fails, and says when it is worth trying again. */
export class Retries {
  readonly #settings: Pick<Settings, 'reconnect' | 'direction' | 'random'>;
  #failures = 0;
  #wasConnected = false;

  constructor(settings: Pick<Settings, 'reconnect' | 'direction' | 'random'>) {
    this.#settings = settings;
  }

  connected(): void {
    this.#wasConnected = true;
  }

  /** A connection that did not last is no success: pauses go on growing. */
  lasted(connectedMs: number): void {
    if (connectedMs >= (this.#settings.reconnect?.stableMs ?? 0)) this.#failures = 0;
  }

  /** @returns milliseconds until the next attempt; undefined when there is none */
  pauseAfter(error: EndpointError): number | undefined {
    const { reconnect, direction, random } = this.#settings;
    if (!reconnect || !isWorthRetrying(error, reconnect, { direction, wasConnected: this.#wasConnected })) return undefined;
    this.#failures += 1;
    if (this.#failures > reconnect.maxAttempts) return undefined;
    return Math.max(retryAfterOf(error), backoffDelay(this.#failures, reconnect, random()));
  }
}

/** Whether another attempt makes sense. */
function isWorthRetrying(error: EndpointError, reconnect: Reconnect, experience: Experience): boolean {
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
function retryAfterOf({ cause }: EndpointError): number {
  return cause instanceof SignallingError ? (cause.retryAfterMs ?? 0) : 0;
}

function mayPass(cause: unknown, { direction, wasConnected }: Experience): boolean {
  // Thrown by the caller's token function, which may need the network too.
  if (!(cause instanceof SignallingError)) return wasConnected;
  if (cause.failure === 'network' || cause.failure === 'timeout') return true;
  // A proxy's page, perhaps, while the server is away.
  if (cause.failure === 'answer') return wasConnected;
  if (cause.failure !== 'refused') return false;
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
