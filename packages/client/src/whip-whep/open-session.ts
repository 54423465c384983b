import { type HttpOptions, type SignallingResponse, send } from './http.ts';
import { type IceServer, parseIceServers } from './link-header.ts';
import { SignallingError } from './signalling-error.ts';

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

/** A session that a WHIP or WHEP server has made. */
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
   * Ends the session (DELETE). One that has ended already is no error.
   * @throws SignallingError
   */
  close(): Promise<void>;
}

/**
 * Posts an SDP offer to a WHIP (RFC 9725) or WHEP (draft-ietf-wish-whep) endpoint.
 * @throws SignallingError
 */
export async function openSession(offer: string, options: SignallingOptions): Promise<SignallingSession> {
  const endpoint = endpointOf(options.endpoint);
  const http: HttpOptions = {
    fetch: options.fetch ?? globalThis.fetch,
    token: options.token,
    timeoutMs: options.timeoutMs ?? 10_000,
    signal: options.signal,
    maxBodyBytes: options.maxAnswerBytes ?? 262_144,
  };
  const response = await post(offer, endpoint, http, options.maxRedirects ?? 3);
  const resource = resourceOf(response);
  const session = createSession(response, resource, { ...http, signal: undefined, token: tokenFor(resource, endpoint, http.token) });
  if (isAnswer(response)) return session;
  // The server believes in a session that nobody will have.
  await session.close().catch(() => undefined);
  throw new SignallingError('answer', `The server answered ${response.status}, but with ${described(response)} instead of an SDP answer.`, { status: response.status });
}

async function post(offer: string, endpoint: URL, http: HttpOptions, maxRedirects: number): Promise<SignallingResponse> {
  let url = endpoint;
  for (let redirects = 0; ; redirects += 1) {
    const options = { ...http, token: tokenFor(url, endpoint, http.token) };
    const response = await send({ method: 'POST', url, body: offer, headers: { 'content-type': 'application/sdp', accept: 'application/sdp' } }, options);
    if (!isRedirect(response)) {
      // RFC 9725 section 4.2: 201. Servers that answer 200 mean the same.
      if (response.status === 201 || response.status === 200) return response;
      throw refusal(response);
    }
    if (redirects >= maxRedirects) throw new SignallingError('redirect', `The server redirected more than ${maxRedirects} times.`, { status: response.status });
    url = redirectTarget(response);
  }
}

function createSession(response: SignallingResponse, resource: URL | undefined, http: HttpOptions): SignallingSession {
  const etag = response.headers.get('etag');
  return {
    answer: response.body,
    resource,
    iceServers: parseIceServers(response.headers.get('link')),
    async trickle(fragment) {
      if (!resource) return false;
      const headers = { 'content-type': 'application/trickle-ice-sdpfrag', ...(etag === null ? {} : { 'if-match': etag }) };
      const { status } = await send({ method: 'PATCH', url: resource, body: fragment, headers }, http);
      return status >= 200 && status < 300;
    },
    async close() {
      if (!resource) return;
      const answer = await send({ method: 'DELETE', url: resource }, http);
      if (answer.status >= 400 && answer.status !== 404 && answer.status !== 410) throw refusal(answer);
    },
  };
}

function endpointOf(endpoint: string | URL): URL {
  const url = URL.parse(endpoint);
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new SignallingError('network', 'The endpoint must be an http or https URL.');
}

/** `Location` may be relative (RFC 9110 section 10.2.2). */
function resourceOf({ headers, url }: SignallingResponse): URL | undefined {
  const location = headers.get('location');
  const resource = location === null ? null : URL.parse(location, url);
  return resource && /^https?:$/.test(resource.protocol) ? resource : undefined;
}

function isRedirect({ status }: SignallingResponse): boolean {
  return status >= 300 && status < 400;
}

/** Others than 307 and 308 would have the POST become a GET, which WHIP does not allow (RFC 9725 section 4.5). */
function redirectTarget(response: SignallingResponse): URL {
  const { status } = response;
  const target = resourceOf(response);
  if (target && (status === 307 || status === 308)) return target;
  const why = target ? 'which is none of 307 and 308' : 'and does not say where';
  throw new SignallingError('redirect', `The server redirects with ${status}, ${why}.`, { status });
}

function tokenFor(url: URL | undefined, endpoint: URL, token: string | undefined): string | undefined {
  return url?.origin === endpoint.origin ? token : undefined;
}

function isAnswer({ headers, body }: SignallingResponse): boolean {
  const type = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return body.startsWith('v=0') && (type === undefined || type === 'application/sdp');
}

function described({ headers, body }: SignallingResponse): string {
  if (body === '') return 'nothing';
  return headers.get('content-type') ?? 'something';
}

function refusal(response: SignallingResponse): SignallingError {
  const { status, headers } = response;
  const words = wordsOf(response);
  return new SignallingError('refused', `The server answered ${status}${words === '' ? '' : `: ${words}`}`, { status, retryAfterMs: retryAfterOf(headers) });
}

/** What the server says about it, for people: the detail of problem+json (RFC 9457), or a line of text. */
function wordsOf({ headers, body }: SignallingResponse): string {
  const type = headers.get('content-type') ?? '';
  const text = type.includes('json') ? detailOf(body) : type.startsWith('text/plain') ? body : '';
  // oxlint-disable-next-line no-control-regex
  return (text.split('\n', 1)[0] ?? '').replaceAll(/[\u0000-\u001f\u007f]/g, '').slice(0, 200);
}

function detailOf(body: string): string {
  try {
    const problem: unknown = JSON.parse(body);
    if (typeof problem !== 'object' || problem === null) return '';
    const { detail, title }: { detail?: unknown; title?: unknown } = problem;
    return [detail, title].find((words) => typeof words === 'string') ?? '';
  } catch {
    return '';
  }
}

/** Seconds or a date (RFC 9110 section 10.2.3). */
function retryAfterOf(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
