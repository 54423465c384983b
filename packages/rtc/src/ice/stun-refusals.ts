import type { Clock } from '@sluice/core';
import { RateBudget } from '../rate-budget.ts';
import type { PeerAddress } from '../udp/peer-address.ts';
import { encodeBindingError } from './stun-encoder.ts';
import type { StunMessage } from './stun-message.ts';

const BAD_REQUEST = 400;
const UNAUTHENTICATED = 401;

/** What {@link StunRefusals} takes. */
export interface StunRefusalsOptions {
  readonly clock: Clock;
  /** Answers to anybody, of all sessions together; further requests are met with silence. */
  readonly maxPerSecond: number;
  send(data: Buffer, to: PeerAddress): void;
}

/** Counters of {@link StunRefusals}. */
export interface StunRefusalCounters {
  readonly sent: number;
  /** Not sent, because of the rate. */
  readonly tooMany: number;
  /** Not sent, because the answer would have been larger than the request. */
  readonly amplification: number;
}

/**
 * Answers Binding requests without valid credentials (RFC 8489 section 9.1.3). Their source may be forged, so
 * an answer is never larger than its request, and there are only so many per second: nothing to reflect with.
 */
export class StunRefusals {
  readonly #options: StunRefusalsOptions;
  readonly #budget: RateBudget;
  readonly #counters = { sent: 0, tooMany: 0, amplification: 0 };

  constructor(options: StunRefusalsOptions) {
    this.#options = options;
    this.#budget = new RateBudget(options.maxPerSecond, options.clock.monotonic());
  }

  get counters(): StunRefusalCounters {
    return this.#counters;
  }

  /** Says 400 to a request that lacks USERNAME or MESSAGE-INTEGRITY, else 401. What is no request of ICE gets silence. */
  refuse(request: StunMessage, from: PeerAddress): void {
    // Without FINGERPRINT it may be another protocol (RFC 8489 section 7.3).
    if (!request.isBindingRequest || !request.verifyFingerprint()) return;
    const code = request.username === undefined || !request.hasIntegrity ? BAD_REQUEST : UNAUTHENTICATED;
    const answer = encodeBindingError(request.transactionId, code);
    if (answer.length > request.byteLength) this.#counters.amplification++;
    else if (!this.#budget.take(this.#options.clock.monotonic())) this.#counters.tooMany++;
    else this.#send(answer, from);
  }

  #send(answer: Buffer, to: PeerAddress): void {
    this.#counters.sent++;
    this.#options.send(answer, to);
  }
}
