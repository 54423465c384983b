import { jsonField, jsonText } from '../api/json.ts';
import { RequestError, requestErrorOf } from '../api/request-error.ts';

/** What comes back for an offer. */
export interface Negotiated {
  readonly answer: string;
  /** Tells the server that the session is over. Does not throw: the peer connection's end says it too. */
  end(): Promise<void>;
}

/** Exchanges an offer for an answer. */
export type Signalling = (offer: string, signal: AbortSignal) => Promise<Negotiated>;

/** WHIP (RFC 9725) and WHEP, which differ in the address only. */
export function httpSignalling(url: string): Signalling {
  return async (offer, signal) => {
    const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: offer, signal });
    if (response.status !== 201) throw await requestErrorOf(response);
    const location = response.headers.get('Location');
    const session = location === null ? undefined : new URL(location, response.url).href;
    return { answer: await response.text(), end: () => (session === undefined ? Promise.resolve() : deleteSession(session)) };
  };
}

/** The ZLMediaKit API: every answer is HTTP 200, and `code` says whether it is a yes. */
export function zlmSignalling(url: string): Signalling {
  return async (offer, signal) => {
    const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: offer, signal });
    if (!response.ok) throw await requestErrorOf(response);
    const body: unknown = await response.json();
    const answer = jsonText(body, 'sdp');
    if (jsonField(body, 'code') !== 0 || answer === undefined) throw new RequestError(0, jsonText(body, 'msg') ?? '');
    return { answer, end: () => Promise.resolve() };
  };
}

/** A server that is away must not keep the peer connection open. */
const DELETE_TIMEOUT_MS = 2_000;

async function deleteSession(url: string): Promise<void> {
  // keepalive lets the request outlive the page.
  await fetch(url, { method: 'DELETE', keepalive: true, signal: AbortSignal.timeout(DELETE_TIMEOUT_MS) }).catch(() => undefined);
}
