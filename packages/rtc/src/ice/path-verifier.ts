import { randomBytes } from 'node:crypto';
import type { Clock } from '@sluice/core';
import { RateBudget } from '../rate-budget.ts';
import { type PeerAddress, samePath, sameRemote } from '../udp/peer-address.ts';
import type { Generation } from './generation.ts';
import { STUN_TYPES } from './stun-constants.ts';
import { encodeBindingRequest } from './stun-encoder.ts';
import type { StunMessage } from './stun-message.ts';

/** From the start of a check to each of its requests, milliseconds; few, because the address may be a victim's. */
const REQUESTS_AT_MS = [0, 100, 300, 600] as const;
const GIVE_UP_AFTER_MS = 1200;
const MAX_CHECKS_PER_SECOND = 8;

/** A path that media is to take. */
export interface NewPath {
  readonly address: PeerAddress;
  readonly generation: Generation;
  /** Whether the peer nominated it; otherwise an authentic packet came from there. */
  readonly nominated: boolean;
}

/** What {@link PathVerifier} takes. */
export interface PathVerifierOptions {
  readonly clock: Clock;
  send(data: Buffer, to: PeerAddress): void;
  /** Answers to this transaction are to be handed to {@link PathVerifier.handleAnswer}. */
  onBegun(transactionId: Buffer): void;
  onEnded(transactionId: Buffer): void;
  /** The peer itself has answered from there. */
  onVerified(path: NewPath): void;
}

interface PendingCheck {
  readonly path: NewPath;
  readonly request: Buffer;
  readonly transactionId: Buffer;
  /** Key of the answer. */
  readonly password: string;
  readonly begunAt: number;
  requests: number;
}

/**
 * Checks of our own (RFC 8445 section 7.2.2), which an ICE-lite agent need not send: a peer that falls silent is
 * asked whether it is still there, and media moves to another address only when the peer has answered from there. A source address can be forged, and a captured packet sent
 * again from elsewhere; an answer to a random transaction id, made with the peer's password, can be neither.
 */
export class PathVerifier {
  readonly #options: PathVerifierOptions;
  readonly #tieBreaker = randomBytes(8);
  readonly #budget: RateBudget;
  #pending: PendingCheck | undefined;
  #suppressed = 0;

  constructor(options: PathVerifierOptions) {
    this.#options = options;
    this.#budget = new RateBudget(MAX_CHECKS_PER_SECOND, options.clock.monotonic());
  }

  /** Checks that were not begun, because there were too many. */
  get suppressed(): number {
    return this.#suppressed;
  }

  /** Whether a check is under way. */
  get isBusy(): boolean {
    return this.#pending !== undefined;
  }

  /** Begins a check; one at a time, of which a nomination outweighs everything else. */
  verify(path: NewPath): void {
    const { remote } = path.generation;
    // The peer nominates again, and by then its description will have come.
    if (!remote || this.#isOutweighed(path)) return;
    const now = this.#options.clock.monotonic();
    if (!this.#budget.take(now)) {
      this.#suppressed++;
      return;
    }
    this.abandon();
    const transactionId = randomBytes(12);
    const request = encodeBindingRequest(transactionId, { local: path.generation.local, remote, tieBreaker: this.#tieBreaker });
    this.#pending = { path, request, transactionId, password: remote.password, begunAt: now, requests: 0 };
    this.#options.onBegun(transactionId);
    this.tick(now);
  }

  /** Sends what is due. */
  tick(now: number): void {
    const pending = this.#pending;
    if (!pending) return;
    const elapsedMs = now - pending.begunAt;
    if (elapsedMs >= GIVE_UP_AFTER_MS) return this.abandon();
    const dueAtMs = REQUESTS_AT_MS[pending.requests];
    if (dueAtMs === undefined || elapsedMs < dueAtMs) return;
    pending.requests++;
    this.#options.send(pending.request, pending.path.address);
  }

  /** @returns whether it was the answer that a check waits for */
  handleAnswer(message: StunMessage, from: PeerAddress): boolean {
    const pending = this.#pending;
    if (!pending || !isAnswer(message, from, pending)) return false;
    this.abandon();
    this.#options.onVerified(pending.path);
    return true;
  }

  /** Forgets the check that is under way; with a generation, only when it belongs to that one. */
  abandon(generation?: Generation): void {
    const pending = this.#pending;
    if (!pending || (generation && pending.path.generation !== generation)) return;
    this.#pending = undefined;
    this.#options.onEnded(pending.transactionId);
  }

  #isOutweighed(path: NewPath): boolean {
    const pending = this.#pending?.path;
    if (!pending) return false;
    if (pending.nominated && !path.nominated) return true;
    return pending.nominated === path.nominated && pending.generation === path.generation && samePath(pending.address, path.address);
  }
}

/** The source must be where the request went (RFC 8445 section 7.2.5.2.1). */
function isAnswer(message: StunMessage, from: PeerAddress, { path, transactionId, password }: PendingCheck): boolean {
  if (message.type !== STUN_TYPES.bindingSuccess || !message.transactionId.equals(transactionId)) return false;
  return sameRemote(from, path.address) && message.verifyFingerprint() && message.verifyIntegrity(password);
}
