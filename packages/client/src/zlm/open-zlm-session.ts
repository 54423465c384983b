import { endpointOf, postOffer } from '../whip-whep/post-offer.ts';
import { type SignallingOptions, type SignallingSession, httpOptionsOf } from '../whip-whep/open-session.ts';
import { oneLine } from '../whip-whep/refusal.ts';
import { SignallingError } from '../whip-whep/signalling-error.ts';

/** Of plain text the browser asks no server first whether it may be posted (CORS). */
const OFFER_HEADERS = { 'content-type': 'text/plain;charset=utf-8' } as const;

/** What `POST /index/api/webrtc` answers, as far as it is read here. */
interface ZlmReply {
  readonly code: number;
  readonly msg: string;
  readonly sdp: string;
}

/**
 * Posts an SDP offer to the ZLMediaKit API, `/index/api/webrtc`. Such a session takes no candidates, restarts no ICE, and ends with its
 * connection, because this API has no request for that.
 * @throws SignallingError with the `code` of the reply
 */
export async function openZlmSession(offer: string, options: SignallingOptions): Promise<SignallingSession> {
  const endpoint = endpointOf(options.endpoint);
  const { status, body } = await postOffer(endpoint, httpOptionsOf(options), { offer, headers: OFFER_HEADERS, maxRedirects: options.maxRedirects ?? 3 });
  const reply = replyOf(body);
  if (!reply || (reply.code === 0 && !reply.sdp.startsWith('v=0'))) {
    throw new SignallingError('answer', `The server answered ${status}, but without an SDP answer.`, { status, code: reply?.code });
  }
  if (reply.code !== 0) throw refused(reply, status);
  return {
    answer: reply.sdp,
    resource: undefined,
    iceServers: [],
    trickle: () => Promise.resolve(false),
    restart: () => Promise.resolve(undefined),
    close: () => Promise.resolve(),
  };
}

function refused({ code, msg }: ZlmReply, status: number): SignallingError {
  return new SignallingError('refused', `The server refused with code ${code}${msg === '' ? '' : `: ${msg}`}`, { status, code, words: msg || undefined });
}

function replyOf(body: string): ZlmReply | undefined {
  try {
    const reply: unknown = JSON.parse(body);
    if (typeof reply !== 'object' || reply === null) return undefined;
    const { code, msg, sdp }: { code?: unknown; msg?: unknown; sdp?: unknown } = reply;
    return typeof code === 'number' ? { code, msg: oneLine(text(msg)), sdp: text(sdp) } : undefined;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
