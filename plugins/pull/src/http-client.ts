import { addressGuard, isPublicAddress } from '@sluice/core';
import { Agent, buildConnector, fetch as undiciFetch } from 'undici';

/** Sends the requests of one session, and is ended with it. */
export interface HttpClient {
  readonly fetch: typeof globalThis.fetch;
  readonly close: () => Promise<void>;
}

/** What {@link createHttpClient} takes. */
export interface HttpClientOptions {
  /** Whether servers at loopback, private and other special addresses may be asked. */
  readonly privateAddresses: boolean;
  /** For tests, whose servers are all on this machine. */
  readonly isPublic?: (address: string) => boolean;
}

/**
 * Each connection is refused whose address may not be asked, after the name was looked up and before a byte is sent.
 * Once a server at a public address was asked, no private one is: neither its redirects nor the address that it gives
 * the session lead into the network of this machine.
 */
export function createHttpClient({ privateAddresses, isPublic = isPublicAddress }: HttpClientOptions): HttpClient {
  let isOutside = false;
  const why = privateAddresses ? 'is not asked for a server at a public one' : 'the pull plugin is set not to ask (privateAddresses)';
  const guard = addressGuard((address) => isPublic(address) || (privateAddresses && !isOutside), why);
  const connect = buildConnector({ lookup: guard.lookup });
  const agent = new Agent({
    // A connection for each request, because one that is kept is checked no more.
    pipelining: 0,
    connect(target, callback) {
      const refusal = guard.refusalOf(target.hostname);
      if (refusal) return callback(refusal, null);
      connect(target, (...result) => {
        isOutside ||= isPublic(result[1]?.remoteAddress ?? '');
        callback(...result);
      });
    },
  });
  const send: typeof undiciFetch = (input, init) => undiciFetch(input, { ...init, dispatcher: agent });
  return { fetch: send, close: () => agent.destroy() };
}
