import type { Negotiated, OfferWishes, SessionRecord, SessionRequest } from '@sluice/core';
import { PeerError } from '../protocol/errors.ts';
import type { ClientCandidate } from '../protocol/messages.ts';
import { SessionSlot, type SessionSlotOptions } from './session-slot.ts';

/** Of all candidates that wait for their session, far more than a client has. */
const MAX_EARLY_CANDIDATES = 64;

/** The sessions of one peer: one stream that it views, and one that it publishes. */
export class PeerSessions {
  readonly #options: SessionSlotOptions;
  readonly #viewing: SessionSlot;
  readonly #publishing: SessionSlot;
  /** The one that was asked for last; messages that name none are for it. */
  #latest: SessionSlot | undefined;
  /** Whose offer has been answered. */
  #answered: string | undefined;
  #earlyCandidates = 0;

  constructor(options: SessionSlotOptions) {
    this.#options = options;
    this.#viewing = new SessionSlot(options);
    this.#publishing = new SessionSlot(options);
  }

  /** The stream that it views. */
  get viewing(): SessionRecord | undefined {
    return this.#viewing.record;
  }

  get publishing(): SessionRecord | undefined {
    return this.#publishing.record;
  }

  /** Whether there is anything to come back for. */
  get isEmpty(): boolean {
    return !this.viewing && !this.publishing;
  }

  /** Plays a stream, with the offer made here. @throws MediaError as `offerSdp` */
  view(request: SessionRequest, wishes: OfferWishes): Promise<Negotiated> {
    this.#latest = this.#viewing;
    return this.#viewing.open((signal) => this.#options.negotiations.offerSdp('play', { ...request, wishes, signal }));
  }

  /** @throws MediaError as `negotiateSdp` */
  publish(request: SessionRequest, offer: string): Promise<Negotiated> {
    this.#latest = this.#publishing;
    return this.#publishing.open((signal) => this.#options.negotiations.negotiateSdp('push', { ...request, offer, signal }));
  }

  /** @throws PeerError SESSION_REQUIRED, ANSWER_UNEXPECTED; MediaError as `acceptSdp` */
  async answer(sdp: string, sessionId?: string): Promise<void> {
    const { viewing } = this;
    // An answer to an offer that another one has taken the place of would be taken for that to the new one.
    if (viewing && sessionId !== undefined && sessionId !== viewing.id) throw new PeerError('SESSION_REQUIRED', `The session ${sessionId} is not the one that waits for an answer; answer the offer that came last.`);
    if (!viewing) throw new PeerError('SESSION_REQUIRED', 'There is no offer to answer; send request-offer first, and wait for the offer.');
    if (this.#answered === viewing.id) throw new PeerError('ANSWER_UNEXPECTED', 'The offer has been answered already; send request-offer for another one.');
    this.#answered = viewing.id;
    try {
      await this.#options.negotiations.acceptSdp(viewing.id, sdp);
    } catch (error) {
      if (this.#answered === viewing.id) this.#answered = undefined;
      throw error;
    }
  }

  /** Waits for a session that is being made: clients begin to trickle before they have its answer. @throws PeerError SESSION_REQUIRED; MediaError CANDIDATE_MALFORMED */
  async trickle({ sessionId, ...candidate }: ClientCandidate): Promise<void> {
    const slot = this.#slotOf(sessionId, candidate.usernameFragment);
    if (slot?.settling) await this.#wait(slot.settling);
    const record = slot?.record;
    if (!record) throw new PeerError('SESSION_REQUIRED', 'There is no session for this candidate; send request-offer or publish first.');
    await record.session.trickle?.({ candidates: [candidate] });
  }

  /** @throws PeerError SESSION_REQUIRED */
  async #wait(settling: Promise<void>): Promise<void> {
    if (this.#earlyCandidates >= MAX_EARLY_CANDIDATES) {
      throw new PeerError('SESSION_REQUIRED', `${MAX_EARLY_CANDIDATES} candidates wait for their session already; send further ones when its offer or answer is there.`);
    }
    this.#earlyCandidates += 1;
    await settling;
    this.#earlyCandidates -= 1;
  }

  async close(reason: string): Promise<void> {
    await Promise.all([this.#viewing.close(reason), this.#publishing.close(reason)]);
  }

  #slotOf(sessionId: string | undefined, usernameFragment: string | undefined): SessionSlot | undefined {
    const slots = [this.#viewing, this.#publishing];
    if (sessionId !== undefined) return slots.find(({ record }) => record?.id === sessionId);
    const bySender = usernameFragment !== undefined && slots.find(({ record }) => record?.session.remoteUsernameFragment === usernameFragment);
    return bySender || this.#latest;
  }
}
