import type { Clock, Undo } from './clock.ts';
import { MediaError } from './errors.ts';
import type { WebRtcSession } from './session.ts';

/** The answer to `offer`, or without one the session's own offer, unless the session closes before it is made. */
export function describeWhileOpen(clock: Clock, session: WebRtcSession, offer: string | undefined, signal: AbortSignal): Promise<string> {
  if (session.closed) throw sessionClosed();
  return new Promise((resolve, reject) => {
    let cancel: Undo | undefined;
    const unsubscribe = session.onClosed((reason) => {
      // An answer that fails often closes its session first: one turn lets the better error through.
      cancel = clock.setTimeout(() => reject(sessionClosed(reason)), 0);
    });
    const describing = async (): Promise<string> => (offer === undefined ? requireOffers(session).createOffer(signal) : session.createAnswer(offer, signal));
    describing()
      .finally(() => {
        unsubscribe();
        cancel?.();
      })
      .then(resolve, reject);
  });
}

type OfferingSession = WebRtcSession & Required<Pick<WebRtcSession, 'createOffer' | 'acceptAnswer'>>;

/** @throws MediaError OFFER_UNSUPPORTED */
export function requireOffers(session: WebRtcSession): OfferingSession {
  if (!makesOffers(session)) throw offerUnsupported('This session');
  return session;
}

function makesOffers(session: WebRtcSession): session is OfferingSession {
  return typeof session.createOffer === 'function' && typeof session.acceptAnswer === 'function';
}

export function offerUnsupported(who: string): MediaError {
  return new MediaError('OFFER_UNSUPPORTED', `${who} makes no offers; the client must make the offer.`);
}

/** @throws MediaError PLUGIN_FAILED when it is none */
export function checkedSession(session: WebRtcSession, plugin: string): WebRtcSession {
  const methods = ['createAnswer', 'onClosed', 'close'] as const;
  if (methods.every((method) => typeof session?.[method] === 'function')) return session;
  throw new MediaError('PLUGIN_FAILED', `Plugin ${plugin} gave no session for the request.`, { plugin });
}

/** @throws MediaError PLUGIN_FAILED when it is none */
export function checkedDescription(description: string, what: string, plugin: string): string {
  if (typeof description === 'string' && description !== '') return description;
  throw new MediaError('PLUGIN_FAILED', `Plugin ${plugin} gave no ${what}.`, { plugin });
}

export function sessionClosed(reason?: string): MediaError {
  const why = reason === undefined ? '' : `: ${reason}`;
  return new MediaError('SESSION_CLOSED', `The session closed before its answer was made${why}.`);
}
