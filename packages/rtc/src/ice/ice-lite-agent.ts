import type { Clock, DiagnosedChecks, IceCredentials, Logger } from '@sluice/core';
import { RateBudget } from '../rate-budget.ts';
import { type PeerAddress, samePath } from '../udp/peer-address.ts';
import { CheckLog } from './check-log.ts';
import { type Generation, createGeneration, isNamedBy } from './generation.ts';
import { ConnectivityChecker } from './connectivity-checker.ts';
import { type IceCounters, createIceCounters } from './ice-counters.ts';
import { type NewPath, PathVerifier } from './path-verifier.ts';
import { SeenTransactions } from './seen-transactions.ts';
import { STUN_ATTRIBUTES } from './stun-constants.ts';
import { encodeBindingError, encodeBindingSuccess } from './stun-encoder.ts';
import type { StunMessage } from './stun-message.ts';
import type { StunRefusals } from './stun-refusals.ts';

const UNKNOWN_ATTRIBUTE = 420;
const ROLE_CONFLICT = 487;

/** What {@link IceLiteAgent} needs from its owner. */
export interface IceLiteAgentOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Answers requests that are not authentic. */
  readonly refusals: Pick<StunRefusals, 'refuse'>;
  /** Authentic requests per second; further ones are dropped. */
  readonly maxChecksPerSecond: number;
  /** Addresses whose checks are remembered. */
  readonly maxDiagnosisEntries: number;
  /** Whether it makes checks itself and controls, for a peer that does not. Default false. */
  readonly controlling?: boolean | undefined;
  send(data: Buffer, to: PeerAddress): void;
  /**
   * A request from this address carried our password, or an answer from there the peer's, so it may carry
   * this session's packets. Called for each such message, before it is answered.
   * @returns false when the address is another session's; the message is then ignored
   */
  onAddressVerified(from: PeerAddress): boolean;
  /** The peer has shown again that it lives. */
  onAlive(): void;
  /** STUN answers with this transaction id are for this session, until {@link onOwnCheckEnded}. */
  onOwnCheckBegun(transactionId: Buffer): void;
  onOwnCheckEnded(transactionId: Buffer): void;
  /** Checks for this username fragment of ours are no longer answered, after an ICE restart. */
  onRetired(usernameFragment: string): void;
}

/** Where an {@link IceLiteAgent} sends to. */
export interface SendPath {
  readonly address: PeerAddress;
  /** Wall clock, milliseconds. */
  readonly since: number;
}

/**
 * The ICE-lite side of one session (RFC 8445 section 2.5): it answers the peer's checks. It sends checks of its
 * own only to a peer that is silent, and before media moves to another address, see {@link PathVerifier}; towards another server, which
 * waits for checks as well, it is the controlling side instead, see {@link ConnectivityChecker}.
 */
export class IceLiteAgent {
  readonly #options: IceLiteAgentOptions;
  readonly #counters = createIceCounters();
  readonly #log: CheckLog;
  readonly #budget: RateBudget;
  readonly #seen = new SeenTransactions();
  readonly #verifier: PathVerifier;
  readonly #checker: ConnectivityChecker | undefined;
  #current = createGeneration();
  /** The generation that media flows by until the peer nominates in the current one (RFC 8445 section 9). */
  #previous: Generation | undefined;
  /** What the peer called itself before its last restart, also when that generation is long retired. */
  #lastRemoteUsernameFragment: string | undefined;
  #path: SendPath | undefined;
  #nominated = false;
  #lastVerifiedAt: number | undefined;

  constructor(options: IceLiteAgentOptions) {
    const { clock } = options;
    this.#options = options;
    this.#log = new CheckLog(clock, options.maxDiagnosisEntries);
    this.#budget = new RateBudget(options.maxChecksPerSecond, clock.monotonic());
    this.#verifier = new PathVerifier({
      clock,
      send: (data, to) => options.send(data, to),
      onBegun: (transactionId) => options.onOwnCheckBegun(transactionId),
      onEnded: (transactionId) => options.onOwnCheckEnded(transactionId),
      onVerified: (path) => this.#pathVerified(path),
    });
    this.#checker = options.controlling ? this.#createChecker() : undefined;
  }

  /** Our credentials, the newest ones after a restart. */
  get local(): IceCredentials {
    return this.#current.local;
  }

  /** The peer's credentials; once set, only requests that name them are accepted. */
  get remote(): IceCredentials | undefined {
    return this.#current.remote;
  }

  set remote(credentials: IceCredentials | undefined) {
    this.#current.remote = credentials;
  }

  /** Whether it makes checks itself. */
  get controlling(): boolean {
    return this.#checker !== undefined;
  }

  /** Of the controlling side: an address where the peer says it is. */
  addRemoteAddress(address: PeerAddress): void {
    this.#checker?.addCandidate(address);
  }

  /** Of the controlling side: both descriptions are known, so checks may begin. */
  startChecks(): void {
    const { local, remote } = this.#current;
    if (remote) this.#checker?.start({ local, remote });
  }

  /** All of ours that checks may name: one, or two while a restart is under way. */
  get usernameFragments(): readonly string[] {
    return [this.#current, this.#previous].flatMap((generation) => generation?.local.usernameFragment ?? []);
  }

  /** Where to send: the address that was nominated last, before a nomination the first that was verified. */
  get path(): SendPath | undefined {
    return this.#path;
  }

  get sendAddress(): PeerAddress | undefined {
    return this.#path?.address;
  }

  /** Whether the peer has nominated an address. */
  get nominated(): boolean {
    return this.#nominated;
  }

  /** Monotonic time in milliseconds of the last authentic request. */
  get lastVerifiedAt(): number | undefined {
    return this.#lastVerifiedAt;
  }

  get counters(): IceCounters {
    return { ...this.#counters, addressesAsked: this.#checker?.sent ?? 0, ownChecksSuppressed: this.#verifier.suppressed };
  }

  /** The checks that came, by address. */
  get checks(): readonly DiagnosedChecks[] {
    return this.#log.list();
  }

  /** Checks of addresses that {@link checks} had no room for. */
  get unlistedChecks(): number {
    return this.#log.unlisted;
  }

  /** Whether the peer goes by this username fragment, or did so until its last restart. */
  hasKnownRemote(usernameFragment: string): boolean {
    const known = [this.#current.remote?.usernameFragment, this.#previous?.remote?.usernameFragment, this.#lastRemoteUsernameFragment];
    return known.includes(usernameFragment);
  }

  /**
   * Starts a new generation, which takes over when the peer nominates an address in it. Until then checks of
   * the one before are answered too, and addresses stay. Of restarts in quick succession only the last counts.
   */
  restart(remote: IceCredentials): void {
    const unfinished = this.#previous && this.#current;
    this.#previous ??= this.#current;
    this.#lastRemoteUsernameFragment = this.#current.remote?.usernameFragment;
    this.#current = createGeneration(remote);
    if (unfinished) this.#retire(unfinished);
  }

  /** An authentic packet came from an address that no check has verified: finds out whether the peer is there now. */
  suspectMove(to: PeerAddress): void {
    if (!this.#nominated || this.#checker) return;
    this.#verifier.verify({ address: to, generation: this.#previous ?? this.#current, nominated: false });
  }

  /**
   * The peer is silent: asks it for a sign of life, which every full agent gives at once (RFC 8445 section 7.3). Its own
   * checks may be 6 s apart (RFC 7675 section 5.1), and without media there is nothing else.
   */
  askForLife(): void {
    if (!this.#path || this.#checker || this.#verifier.isBusy) return;
    this.#verifier.verify({ address: this.#path.address, generation: this.#previous ?? this.#current, nominated: false });
  }

  /** Sends what is due; call it every few milliseconds. */
  tick(now: number): void {
    this.#verifier.tick(now);
    this.#checker?.tick(now);
  }

  /** Sends nothing more of its own accord. */
  close(): void {
    this.#verifier.abandon();
    this.#checker?.close();
  }

  /** Takes any STUN message that came for this session; never throws. */
  handle(message: StunMessage, from: PeerAddress): void {
    if (message.isAnswer) this.#handleAnswer(message, from);
    else this.#handleRequest(message, from);
  }

  #handleAnswer(message: StunMessage, from: PeerAddress): void {
    const isExpected = this.#verifier.handleAnswer(message, from) || this.#checker?.handleAnswer(message, from);
    if (isExpected) this.#options.onAlive();
    else this.#reject('unexpectedAnswer', from);
  }

  #handleRequest(message: StunMessage, from: PeerAddress): void {
    if (!message.isBindingRequest) return this.#reject('notARequest', from);
    if (!message.verifyFingerprint()) return this.#reject('fingerprint', from);
    const generation = this.#generationOf(message);
    if (!generation) return this.#refuse('username', message, from);
    const { password } = generation.local;
    if (!message.verifyIntegrity(password)) return this.#refuse('integrity', message, from);
    if (!this.#budget.take(this.#options.clock.monotonic())) return this.#reject('tooMany', from);
    if (message.notUnderstood.length > 0) return this.#refuseAuthentic('unknownAttribute', UNKNOWN_ATTRIBUTE, message, from, password);
    // The peer has to take the role that we do not have (RFC 8445 section 7.3.1.1).
    if (message.has(this.#checker ? STUN_ATTRIBUTES.iceControlling : STUN_ATTRIBUTES.iceControlled)) return this.#refuseAuthentic('roleConflict', ROLE_CONFLICT, message, from, password);
    const novelty = this.#seen.note(message.transactionId, from);
    if (novelty === 'replayed') return this.#reject('replayed', from);
    if (!this.#options.onAddressVerified(from)) return this.#reject('addressTaken', from);

    this.#counters.checks++;
    this.#log.accepted(from);
    this.#path ??= { address: from, since: this.#options.clock.now() };
    this.#answer(encodeBindingSuccess(message.transactionId, from, password), message, from);
    if (novelty === 'new') this.#accept(message, from, generation);
  }

  #accept(message: StunMessage, from: PeerAddress, generation: Generation): void {
    this.#lastVerifiedAt = this.#options.clock.monotonic();
    this.#options.onAlive();
    if (this.#checker) this.#checker.addCandidate(from);
    else if (message.has(STUN_ATTRIBUTES.useCandidate)) this.#nominate({ address: from, generation, nominated: true });
  }

  #createChecker(): ConnectivityChecker {
    const options = this.#options;
    return new ConnectivityChecker({
      clock: options.clock,
      send: (data, to) => options.send(data, to),
      onBegun: (transactionId) => options.onOwnCheckBegun(transactionId),
      onEnded: (transactionId) => options.onOwnCheckEnded(transactionId),
      onNominated: (address) => this.#pathVerified({ address, generation: this.#current, nominated: true }),
    });
  }

  #generationOf(message: StunMessage): Generation | undefined {
    if (isNamedBy(this.#current, message)) return this.#current;
    return this.#previous && isNamedBy(this.#previous, message) ? this.#previous : undefined;
  }

  #nominate(path: NewPath): void {
    this.#log.nominated(path.address);
    if (!this.#path || !samePath(this.#path.address, path.address)) return this.#verifier.verify(path);
    // It has changed its mind about another path that it wanted before.
    this.#verifier.abandon();
    this.#select(path);
  }

  #pathVerified(path: NewPath): void {
    if (this.#options.onAddressVerified(path.address)) this.#select(path);
    else this.#reject('addressTaken', path.address);
  }

  #select({ address, generation, nominated }: NewPath): void {
    const before = this.#path;
    this.#nominated = true;
    if (!before || !samePath(before.address, address)) this.#moveTo(address, before);
    if (nominated) this.#finishRestart(generation);
  }

  #moveTo(address: PeerAddress, before: SendPath | undefined): void {
    this.#path = { address, since: this.#options.clock.now() };
    this.#counters.moves++;
    this.#options.logger.debug({ from: textOf(before?.address), to: textOf(address) }, 'The peer moved to another address');
  }

  #finishRestart(generation: Generation): void {
    const replaced = generation === this.#current ? this.#previous : undefined;
    if (!replaced) return;
    this.#previous = undefined;
    this.#retire(replaced);
  }

  #retire(generation: Generation): void {
    this.#verifier.abandon(generation);
    this.#options.onRetired(generation.local.usernameFragment);
  }

  #refuse(reason: 'username' | 'integrity', message: StunMessage, from: PeerAddress): void {
    this.#reject(reason, from);
    this.#options.refusals.refuse(message, from);
  }

  #refuseAuthentic(reason: 'unknownAttribute' | 'roleConflict', code: number, message: StunMessage, from: PeerAddress, password: string): void {
    this.#reject(reason, from);
    this.#answer(encodeBindingError(message.transactionId, code, password, message.notUnderstood), message, from);
  }

  /** A captured request can be replayed with a forged source; an answer no larger makes that pointless. */
  #answer(answer: Buffer, request: StunMessage, to: PeerAddress): void {
    if (answer.length > request.byteLength) return this.#reject('amplification', to);
    this.#options.send(answer, to);
  }

  #reject(reason: keyof IceCounters['rejected'], from: PeerAddress): void {
    this.#counters.rejected[reason]++;
    this.#log.refused(from, reason);
  }
}

function textOf(address: PeerAddress | undefined): string | undefined {
  return address && `${address.address}:${address.port}`;
}
