import { type HttpOptions, type SignallingResponse, send } from './http.ts';
import { type IceServer, parseIceServers } from './link-header.ts';
import { endpointOf, postOffer, resourceOf, tokenFor } from './post-offer.ts';
import { refusal } from './refusal.ts';
import { SignallingError } from './signalling-error.ts';

const OFFER_HEADERS = { 'content-type': 'application/sdp', accept: 'application/sdp' } as const;

/** How to reach a WHIP or WHEP endpoint. */
export interface SignallingOptions {
  readonly endpoint: string | URL;
  /** Sent as `Authorization: Bearer`, and to no other origin than the endpoint's. */
  readonly token?: string | undefined;
  /** Of one request with its answer, milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Redirects (307, 308) that are followed. Default 3. */
  readonly maxRedirects?: number | undefined;
  /** Bytes of an answer. Default 262,144. */
  readonly maxAnswerBytes?: number | undefined;
  /** Gives the opening of the session up. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** Answers to a restart by servers that know trickled candidates at most: a 204 has taken the fragment for those. */
const NO_RESTART: ReadonlySet<number> = new Set([204, 405, 415, 501]);

/** A session that a server has made. */
export interface SignallingSession {
  /** The SDP answer. */
  readonly answer: string;
  /** The session's own URL; undefined when the server gave none, so that it cannot be changed or ended from here. */
  readonly resource: URL | undefined;
  /** Of the server's `Link` header. */
  readonly iceServers: readonly IceServer[];
  /**
   * Sends candidates, as an `application/trickle-ice-sdpfrag` (RFC 8840).
   * @returns false when the server takes none
   * @throws SignallingError
   */
  trickle(fragment: string): Promise<boolean>;
  /**
   * Restarts ICE (RFC 9725 section 4.3.3). After a refusal the session is what it was.
   * @param fragment the new user name fragment and password, and candidates
   * @returns the server's; undefined when it restarts none
   * @throws SignallingError with status 404 when the session is gone
   */
  restart(fragment: string): Promise<string | undefined>;
  /**
   * Ends the session (DELETE). One that has ended already is no error.
   * @throws SignallingError
   */
  close(options?: SessionCloseOptions): Promise<void>;
}

/** How to end a session. */
export interface SessionCloseOptions {
  /** Lets the request outlive the page, for when it is being left. */
  readonly keepalive?: boolean | undefined;
}

/**
 * Posts an SDP offer to a WHIP (RFC 9725) or WHEP (draft-ietf-wish-whep) endpoint.
 * @throws SignallingError
 */
export async function openSession(offer: string, options: SignallingOptions): Promise<SignallingSession> {
  const endpoint = endpointOf(options.endpoint);
  const http = httpOptionsOf(options);
  const response = await postOffer(endpoint, http, { offer, headers: OFFER_HEADERS, maxRedirects: options.maxRedirects ?? 3 });
  const resource = resourceOf(response);
  const session = createSession(response, resource, { ...http, signal: undefined, token: tokenFor(resource, endpoint, http.token) });
  if (isAnswer(response)) return session;
  // The server believes in a session that nobody will have.
  await session.close().catch(() => undefined);
  throw new SignallingError('answer', `The server answered ${response.status}, but with ${described(response)} instead of an SDP answer.`, { status: response.status });
}

function createSession(response: SignallingResponse, resource: URL | undefined, http: HttpOptions): SignallingSession {
  let etag = response.headers.get('etag');

  function patch(target: URL, body: string): Promise<SignallingResponse> {
    const headers = { 'content-type': 'application/trickle-ice-sdpfrag', ...(etag === null ? {} : { 'if-match': etag }) };
    return send({ method: 'PATCH', url: target, body, headers }, http);
  }

  return {
    answer: response.body,
    resource,
    iceServers: parseIceServers(response.headers.get('link')),
    async trickle(fragment) {
      if (!resource) return false;
      const { status } = await patch(resource, fragment);
      return status >= 200 && status < 300;
    },
    async restart(fragment) {
      if (!resource) return undefined;
      const restarted = await patch(resource, fragment);
      if (NO_RESTART.has(restarted.status)) return undefined;
      if (restarted.status !== 200) throw refusal(restarted);
      etag = restarted.headers.get('etag') ?? etag;
      return restarted.body;
    },
    async close({ keepalive } = {}) {
      if (!resource) return;
      const answer = await send({ method: 'DELETE', url: resource, keepalive }, http);
      if (answer.status >= 400 && answer.status !== 404 && answer.status !== 410) throw refusal(answer);
    },
  };
}

function isAnswer({ headers, body }: SignallingResponse): boolean {
  const type = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return body.startsWith('v=0') && (type === undefined || type === 'application/sdp');
}

function described({ headers, body }: SignallingResponse): string {
  if (body === '') return 'nothing';
  return headers.get('content-type') ?? 'something';
}

/** What a request takes of the caller's options. */
export function httpOptionsOf(options: SignallingOptions): HttpOptions {
  return {
    fetch: options.fetch ?? globalThis.fetch,
    token: options.token,
    timeoutMs: options.timeoutMs ?? 10_000,
    signal: options.signal,
    maxBodyBytes: options.maxAnswerBytes ?? 262_144,
  };
}
