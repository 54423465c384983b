import { randomBytes } from 'node:crypto';
import type { Clock, IceCredentials, Logger } from '@sluice/core';
import { type PeerAddress, samePath } from '../udp/peer-address.ts';
import { STUN_ATTRIBUTES } from './stun-constants.ts';
import { encodeBindingError, encodeBindingSuccess } from './stun-encoder.ts';
import type { StunMessage } from './stun-message.ts';

const UNKNOWN_ATTRIBUTE = 420;
const ROLE_CONFLICT = 487;

/** What {@link IceLiteAgent} needs from its owner. */
export interface IceLiteAgentOptions {
  send(data: Buffer, to: PeerAddress): void;
  readonly clock: Clock;
  /**
   * A request from this address carried our password, so it may carry this session's packets.
   * Called for each such request, before it is answered.
   * @returns false when the address is another session's; the request is then ignored
   */
  onAddressVerified(from: PeerAddress): boolean;
  /** The peer nominated this address. `isFirst` is false when the session moved to it from another. */
  onSelected(address: PeerAddress, isFirst: boolean): void;
  /** Checks for this username fragment of ours are no longer answered, after an ICE restart. */
  onRetired(usernameFragment: string): void;
  readonly logger: Logger;
}

/** The credentials from one (re)start of ICE to the next. */
interface Generation {
  readonly local: IceCredentials;
  /** Once set, only requests that name it are accepted. */
  remoteUsernameFragment: string | undefined;
}

/** Counters of an {@link IceLiteAgent}. */
export interface IceCounters {
  /** Requests that were authentic. */
  readonly checks: number;
  /** Moves from one nominated address to another. */
  readonly migrations: number;
  /** Messages that changed nothing, by reason. */
  readonly rejected: {
    /** No Binding request; indications are keep-alives and need no answer (RFC 8445 section 11). */
    readonly notARequest: number;
    readonly fingerprint: number;
    readonly username: number;
    readonly integrity: number;
    /** Answered with 420. */
    readonly unknownAttribute: number;
    /** Answered with 487. */
    readonly roleConflict: number;
    /** The address is another session's. */
    readonly addressTaken: number;
    /** The answer would have been larger than the request. */
    readonly amplification: number;
  };
}

/**
 * The ICE-lite side of one session (RFC 8445 section 2.5): it answers checks and never sends any.
 *
 * A request that is not authentic gets no answer at all, not even the 400 or 401 of RFC 8489
 * section 9.1.3: silence tells a scanner nothing and cannot be reflected at a forged address.
 */
export class IceLiteAgent {
  readonly #options: IceLiteAgentOptions;
  readonly #counters = {
    checks: 0,
    migrations: 0,
    rejected: { notARequest: 0, fingerprint: 0, username: 0, integrity: 0, unknownAttribute: 0, roleConflict: 0, addressTaken: 0, amplification: 0 },
  };
  #current = createGeneration();
  /** The generation that media flows by until the peer nominates in the current one (RFC 8445 section 9). */
  #previous: Generation | undefined;
  /** What the peer called itself before its last restart, also when that generation is long retired. */
  #lastRemoteUsernameFragment: string | undefined;
  #provisional: PeerAddress | undefined;
  #selected: PeerAddress | undefined;
  #lastVerifiedAt: number | undefined;

  constructor(options: IceLiteAgentOptions) {
    this.#options = options;
  }

  /** Our credentials, the newest ones after a restart. */
  get local(): IceCredentials {
    return this.#current.local;
  }

  /** Once set, only requests that name it are accepted. */
  get remoteUsernameFragment(): string | undefined {
    return this.#current.remoteUsernameFragment;
  }

  set remoteUsernameFragment(usernameFragment: string | undefined) {
    this.#current.remoteUsernameFragment = usernameFragment;
  }

  /** All of ours that checks may name: one, or two while a restart is under way. */
  get usernameFragments(): readonly string[] {
    return [this.#current, this.#previous].flatMap((generation) => generation?.local.usernameFragment ?? []);
  }

  /** Where to send: the nominated address, before a nomination the first that was verified. */
  get sendAddress(): PeerAddress | undefined {
    return this.#selected ?? this.#provisional;
  }

  /** Whether the peer has nominated an address. */
  get nominated(): boolean {
    return this.#selected !== undefined;
  }

  /** Monotonic time in milliseconds of the last authentic request. */
  get lastVerifiedAt(): number | undefined {
    return this.#lastVerifiedAt;
  }

  get counters(): IceCounters {
    return this.#counters;
  }

  /** Whether the peer goes by this username fragment, or did so until its last restart. */
  hasKnownRemote(usernameFragment: string): boolean {
    const known = [this.#current.remoteUsernameFragment, this.#previous?.remoteUsernameFragment, this.#lastRemoteUsernameFragment];
    return known.includes(usernameFragment);
  }

  /**
   * Starts a new generation, which takes over when the peer nominates an address in it. Until then checks of
   * the one before are answered too, and addresses stay. Of restarts in quick succession only the last counts.
   */
  restart(remoteUsernameFragment: string): void {
    const unfinished = this.#previous && this.#current;
    this.#previous ??= this.#current;
    this.#lastRemoteUsernameFragment = this.#current.remoteUsernameFragment;
    this.#current = createGeneration(remoteUsernameFragment);
    if (unfinished) this.#options.onRetired(unfinished.local.usernameFragment);
  }

  /** Takes any STUN message that came for this session; never throws. */
  handleRequest(message: StunMessage, from: PeerAddress): void {
    if (!message.isBindingRequest) return this.#reject('notARequest');
    if (!message.verifyFingerprint()) return this.#reject('fingerprint');
    const generation = this.#generationOf(message);
    if (!generation) return this.#reject('username');
    const { password } = generation.local;
    if (!message.verifyIntegrity(password)) return this.#reject('integrity');
    if (message.notUnderstood.length > 0) return this.#refuse('unknownAttribute', UNKNOWN_ATTRIBUTE, message, from, password);
    // We are always the controlled side, so that the peer has to become the controlling one (RFC 8445 section 7.3.1.1).
    if (message.has(STUN_ATTRIBUTES.iceControlled)) return this.#refuse('roleConflict', ROLE_CONFLICT, message, from, password);
    if (!this.#options.onAddressVerified(from)) return this.#reject('addressTaken');

    this.#counters.checks++;
    this.#lastVerifiedAt = this.#options.clock.monotonic();
    this.#provisional ??= from;
    this.#answer(encodeBindingSuccess(message.transactionId, from, password), message, from);
    if (message.has(STUN_ATTRIBUTES.useCandidate)) this.#nominate(from, generation);
  }

  #generationOf(message: StunMessage): Generation | undefined {
    if (isNamedBy(this.#current, message)) return this.#current;
    return this.#previous && isNamedBy(this.#previous, message) ? this.#previous : undefined;
  }

  #nominate(address: PeerAddress, generation: Generation): void {
    const replaced = generation === this.#current ? this.#previous : undefined;
    this.#select(address);
    if (!replaced) return;
    this.#previous = undefined;
    this.#options.onRetired(replaced.local.usernameFragment);
  }

  #select(address: PeerAddress): void {
    const previous = this.#selected;
    if (previous && samePath(previous, address)) return;
    this.#selected = address;
    if (previous) {
      this.#counters.migrations++;
      this.#options.logger.debug({ from: previous, to: address }, 'The peer moved to another address');
    }
    this.#options.onSelected(address, previous === undefined);
  }

  #refuse(reason: 'unknownAttribute' | 'roleConflict', code: number, message: StunMessage, from: PeerAddress, password: string): void {
    this.#reject(reason);
    this.#answer(encodeBindingError(message.transactionId, code, password, message.notUnderstood), message, from);
  }

  /** A captured request can be replayed with a forged source; an answer no larger makes that pointless. */
  #answer(answer: Buffer, request: StunMessage, to: PeerAddress): void {
    if (answer.length > request.byteLength) return this.#reject('amplification');
    this.#options.send(answer, to);
  }

  #reject(reason: keyof IceCounters['rejected']): void {
    this.#counters.rejected[reason]++;
  }
}

/** Whether USERNAME is `<our fragment>:<the peer's fragment>` of this generation (RFC 8445 section 7.2.2). */
function isNamedBy({ local, remoteUsernameFragment }: Generation, { username }: StunMessage): boolean {
  const ours = `${local.usernameFragment}:`;
  if (remoteUsernameFragment !== undefined) return username === ours + remoteUsernameFragment;
  return username?.startsWith(ours) ?? false;
}

function createGeneration(remoteUsernameFragment?: string): Generation {
  return { local: createCredentials(), remoteUsernameFragment };
}

/** The characters of base64 are just the ice-chars (RFC 8839 section 5.4): 48 and 144 random bits. */
function createCredentials(): IceCredentials {
  return { usernameFragment: randomBytes(6).toString('base64'), password: randomBytes(18).toString('base64') };
}
