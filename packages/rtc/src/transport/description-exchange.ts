import { randomInt } from 'node:crypto';
import { type IceCandidate, type IceCredentials, type MediaCapabilities, MediaError } from '@sluice/core';
import { MAX_MESSAGE_SIZE } from '../datachannel/index.ts';
import { acceptAnswer } from '../sdp/accept-answer.ts';
import type { AnswerPlan, DescriptionPlan, OfferPlan } from '../sdp/negotiated.ts';
import { parseAnswer, parseOffer } from '../sdp/parse-description.ts';
import { type PlanOptions, planAnswer } from '../sdp/plan-answer.ts';
import { planOffer } from '../sdp/plan-offer.ts';
import { type LocalDescription, type LocalSource, writeDescription } from '../sdp/write-description.ts';
import { createLocalSources } from './local-sources.ts';

/** What an exchange is made from. */
export interface DescriptionExchangeOptions extends Pick<LocalDescription, 'fingerprint' | 'candidates' | 'streamLabel'> {
  readonly ice: { readonly local: IceCredentials; readonly controlling: boolean };
}

/** A plan, and what is sent by it. */
interface Planned<Plan extends DescriptionPlan> {
  readonly plan: Plan;
  /** By m-line index. */
  readonly sources: ReadonlyMap<number, LocalSource>;
}

/** What both peers know after offer and answer. */
export interface Agreement extends Planned<AnswerPlan> {
  readonly remoteCandidates: readonly IceCandidate[];
}

/** The one offer and answer of a peer connection, whichever side begins. */
export class DescriptionExchange {
  readonly #options: DescriptionExchangeOptions;
  #offered: Planned<OfferPlan> | undefined;
  #isAgreed = false;

  constructor(options: DescriptionExchangeOptions) {
    this.#options = options;
  }

  /** Takes an offer; {@link describe} writes the answer. */
  answer(offer: string, capabilities: MediaCapabilities, options: PlanOptions): Agreement {
    this.#requireUnused();
    if (this.#options.ice.controlling) throw new MediaError('INTERNAL', 'A transport with full ICE makes the offer.');
    const remote = parseOffer(offer);
    const plan = planAnswer(remote, capabilities, options);
    this.#isAgreed = true;
    return { plan, sources: createLocalSources(plan.sections), remoteCandidates: candidatesOf(remote) };
  }

  /** @returns the description of our offer */
  offer(capabilities: MediaCapabilities, options: PlanOptions): string {
    this.#requireUnused();
    const plan = planOffer(capabilities, options);
    this.#offered = { plan, sources: createLocalSources(plan.sections) };
    return this.describe(this.#offered);
  }

  /** Takes the answer to {@link offer}. */
  accept(answer: string): Agreement {
    const offered = this.#offered;
    if (!offered || this.#isAgreed) throw new MediaError('ANSWER_MALFORMED', 'An answer is expected once, after an offer of this session.');
    const remote = parseAnswer(answer);
    const plan = acceptAnswer(offered.plan, remote);
    this.#isAgreed = true;
    return { plan, sources: offered.sources, remoteCandidates: candidatesOf(remote) };
  }

  describe({ plan, sources }: Planned<DescriptionPlan>): string {
    const { ice, fingerprint, candidates, streamLabel } = this.#options;
    return writeDescription(plan, {
      sessionId: String(randomInt(1, 2 ** 47)),
      ice: ice.local,
      iceLite: !ice.controlling,
      fingerprint,
      candidates,
      streamLabel,
      cname: streamLabel,
      outbound: sources,
      maxMessageSize: MAX_MESSAGE_SIZE,
    });
  }

  /** No answer is taken any more. */
  close(): void {
    this.#offered = undefined;
  }

  #requireUnused(): void {
    if (this.#isAgreed || this.#offered) throw new MediaError('INTERNAL', 'A transport takes one offer or makes one; create another transport.');
  }
}

function candidatesOf({ sections }: { readonly sections: readonly { readonly candidates: readonly IceCandidate[] }[] }): IceCandidate[] {
  return sections.flatMap(({ candidates }) => candidates);
}
