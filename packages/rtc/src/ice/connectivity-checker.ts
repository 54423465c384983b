import { randomBytes, randomInt } from 'node:crypto';
import type { Clock, IceCredentials } from '@sluice/core';
import { type PeerAddress, samePath, sameRemote } from '../udp/peer-address.ts';
import { STUN_TYPES } from './stun-constants.ts';
import { encodeBindingRequest } from './stun-encoder.ts';
import type { StunMessage } from './stun-message.ts';

/** Between the first requests to two addresses (RFC 8445 section 14.2), milliseconds. */
const PACE_MS = 50;
/** From one request of a check to the next; then the last value again and again. */
const RETRY_AFTER_MS = [100, 200, 400, 1000] as const;
/** Well within the silence after which a peer is taken for gone, and often enough for consent (RFC 7675 section 5.1). */
const CONSENT_EVERY_MS = 2000;
const CONSENT_JITTER_MS = 500;
/** Addresses of the peer that are checked. */
const MAX_CANDIDATES = 32;
/** The larger one keeps its role in a conflict (RFC 8445 section 7.3.1.1), and who makes the offer must have this one. */
const TIE_BREAKER = Buffer.alloc(8, 0xff);

/** What {@link ConnectivityChecker} takes. */
export interface ConnectivityCheckerOptions {
  readonly clock: Clock;
  send(data: Buffer, to: PeerAddress): void;
  /** Answers to this transaction are to be handed to {@link ConnectivityChecker.handleAnswer}. */
  onBegun(transactionId: Buffer): void;
  onEnded(transactionId: Buffer): void;
  /** The peer has answered a check that nominates this address. */
  onNominated(address: PeerAddress): void;
}

interface Check {
  readonly address: PeerAddress;
  readonly nominates: boolean;
  readonly transactionId: Buffer;
  readonly request: Buffer;
  requests: number;
  dueAt: number;
}

interface Session {
  readonly local: IceCredentials;
  readonly remote: IceCredentials;
}

/**
 * The controlling side of ICE (RFC 8445), for a peer that waits for checks itself, as servers do: asks every address of the
 * peer, nominates the first that answers, and asks that one again every other second, which keeps the consent of both.
 */
export class ConnectivityChecker {
  readonly #options: ConnectivityCheckerOptions;
  readonly #candidates: PeerAddress[] = [];
  readonly #checks = new Set<Check>();
  #session: Session | undefined;
  #nominated: PeerAddress | undefined;
  #nextStartAt = 0;
  #consentAt = 0;
  #sent = 0;

  constructor(options: ConnectivityCheckerOptions) {
    this.#options = options;
  }

  /** Addresses of the peer that were asked so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Begins to ask. */
  start(session: Session): void {
    this.#session = session;
  }

  /** An address where the peer may be; the most preferred come first. */
  addCandidate(address: PeerAddress): void {
    if (this.#candidates.length >= MAX_CANDIDATES || this.#candidates.some((known) => samePath(known, address))) return;
    this.#candidates.push(address);
  }

  /** Sends what is due. */
  tick(now: number): void {
    if (!this.#session) return;
    if (this.#nominated) this.#askForConsent(this.#nominated, now);
    else if (now >= this.#nextStartAt) this.#startNext(now);
    for (const check of this.#checks) if (now >= check.dueAt) this.#request(check, now);
  }

  /** @returns whether it was the answer that a check waits for */
  handleAnswer(message: StunMessage, from: PeerAddress): boolean {
    const check = [...this.#checks].find(({ transactionId }) => transactionId.equals(message.transactionId));
    if (!check || !this.#isAuthentic(message, from, check)) return false;
    const now = this.#options.clock.monotonic();
    if (!check.nominates) this.#nominate(check.address, now);
    else if (!this.#nominated) this.#selected(check.address, now);
    else this.#end(check);
    return true;
  }

  close(): void {
    this.#session = undefined;
    this.#endAll();
  }

  #isAuthentic(message: StunMessage, from: PeerAddress, { address }: Check): boolean {
    const isSuccess = message.type === STUN_TYPES.bindingSuccess && sameRemote(from, address);
    return isSuccess && this.#session !== undefined && message.verifyFingerprint() && message.verifyIntegrity(this.#session.remote.password);
  }

  #startNext(now: number): void {
    const isNominating = [...this.#checks].some(({ nominates }) => nominates);
    const next = isNominating ? undefined : this.#candidates.find((address) => ![...this.#checks].some((check) => samePath(check.address, address)));
    if (!next) return;
    this.#nextStartAt = now + PACE_MS;
    this.#sent += 1;
    this.#begin(next, false, now);
  }

  /** The others are asked no more. */
  #nominate(address: PeerAddress, now: number): void {
    this.#endAll();
    this.#begin(address, true, now);
    this.tick(now);
  }

  #selected(address: PeerAddress, now: number): void {
    this.#endAll();
    this.#nominated = address;
    this.#consentAt = now + consentInterval();
    this.#options.onNominated(address);
  }

  #askForConsent(address: PeerAddress, now: number): void {
    if (now < this.#consentAt) return;
    this.#endAll();
    this.#consentAt = now + consentInterval();
    this.#begin(address, true, now);
  }

  #begin(address: PeerAddress, nominates: boolean, now: number): void {
    if (!this.#session) return;
    const transactionId = randomBytes(12);
    const request = encodeBindingRequest(transactionId, { ...this.#session, tieBreaker: TIE_BREAKER, controlling: true, nominates });
    this.#checks.add({ address, nominates, transactionId, request, requests: 0, dueAt: now });
    this.#options.onBegun(transactionId);
  }

  #request(check: Check, now: number): void {
    check.dueAt = now + (RETRY_AFTER_MS[check.requests] ?? RETRY_AFTER_MS[3]);
    check.requests += 1;
    this.#options.send(check.request, check.address);
  }

  #end(check: Check): void {
    this.#checks.delete(check);
    this.#options.onEnded(check.transactionId);
  }

  #endAll(): void {
    for (const check of this.#checks) this.#end(check);
  }
}

function consentInterval(): number {
  return CONSENT_EVERY_MS + randomInt(CONSENT_JITTER_MS);
}
