import { type Clock, type Logger, MediaError, systemClock } from '@sluice/core';
import { type StunMessage, parseStunMessage } from '../ice/stun-message.ts';
import type { StunRefusals } from '../ice/stun-refusals.ts';
import { isWorthLogging } from './log-limit.ts';
import { type MovedPeerReceiver, MovedPeers } from './moved-peers.ts';
import { type PeerAddress, type PeerConnection, sameRemote } from './peer-address.ts';

const DEFAULT_MAX_ADDRESSES = 8;
const DEFAULT_MAX_MOVE_TRIALS = 1000;

/** Takes the datagrams of one session. What it throws is caught and counted. */
export interface PacketReceiver extends MovedPeerReceiver {
  onStun(message: StunMessage, from: PeerAddress): void;
  onDtls(datagram: Buffer, from: PeerAddress): void;
  onRtp(datagram: Buffer, from: PeerAddress): void;
  onRtcp(datagram: Buffer, from: PeerAddress): void;
  /** Whether the session sends to this address; one that it does not, another session may take over. Default: yes. */
  isUsing?(address: PeerAddress): boolean;
}

/** What {@link PacketRouter} takes. */
export interface PacketRouterOptions {
  readonly logger: Logger;
  /** Remote addresses that one receiver may hold. Default 8. */
  readonly maxAddressesPerReceiver?: number | undefined;
  /** Answers STUN requests that are for no session; without it they are met with silence. */
  readonly refusals?: Pick<StunRefusals, 'refuse'> | undefined;
  /** How often a packet from an unknown port is tried with a session of its host, per second. Default 1,000. */
  readonly maxMoveTrialsPerSecond?: number | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** Counters of a {@link PacketRouter}. */
export interface PacketRouterCounters {
  /** Datagrams that reached a receiver. */
  readonly delivered: number;
  /** Errors thrown by receivers. */
  readonly receiverErrors: number;
  /** Datagrams that reached nobody, by reason. */
  readonly dropped: {
    readonly unknownAddress: number;
    readonly unknownUsernameFragment: number;
    /** STUN answers that no check of ours waits for. */
    readonly unexpectedAnswer: number;
    readonly malformedStun: number;
    /** The first byte is none of RFC 7983's, or there is nothing behind it. */
    readonly unknownKind: number;
  };
  /** Verified addresses that stayed with the receiver that had them. */
  readonly addressesTaken: number;
  /** Addresses that made room for newer ones of the same receiver. */
  readonly addressesEvicted: number;
  /** Packets from unknown ports that were not tried, or not with every session of their host. */
  readonly moveTrialsSuppressed: number;
}

interface Registration {
  readonly usernameFragments: Set<string>;
  /** Least recently verified first. */
  readonly addresses: PeerAddress[];
}

/** Finds the session of each datagram: STUN by username fragment, all else by remote address or connection (RFC 7983). */
export class PacketRouter {
  readonly #logger: Logger;
  readonly #maxAddresses: number;
  readonly #refusals: Pick<StunRefusals, 'refuse'> | undefined;
  readonly #moved: MovedPeers<PacketReceiver>;
  readonly #byUsernameFragment = new Map<string, PacketReceiver>();
  /** By port, then by address: a packet's lookup builds no key. */
  readonly #byAddress = new Map<number, Map<string, PacketReceiver>>();
  /** By transaction id of our own checks. */
  readonly #byTransaction = new Map<string, PacketReceiver>();
  readonly #byConnection = new Map<PeerConnection, PacketReceiver>();
  readonly #registrations = new Map<PacketReceiver, Registration>();
  readonly #counters = {
    delivered: 0,
    receiverErrors: 0,
    dropped: { unknownAddress: 0, unknownUsernameFragment: 0, unexpectedAnswer: 0, malformedStun: 0, unknownKind: 0 },
    addressesTaken: 0,
    addressesEvicted: 0,
  };

  constructor(options: PacketRouterOptions) {
    this.#logger = options.logger;
    this.#maxAddresses = options.maxAddressesPerReceiver ?? DEFAULT_MAX_ADDRESSES;
    this.#refusals = options.refusals;
    this.#moved = new MovedPeers(options.clock ?? systemClock, options.maxMoveTrialsPerSecond ?? DEFAULT_MAX_MOVE_TRIALS);
  }

  get counters(): PacketRouterCounters {
    return { ...this.#counters, moveTrialsSuppressed: this.#moved.suppressed };
  }

  /**
   * Sends STUN messages for `usernameFragment` to `receiver`, which may have several fragments.
   * @throws MediaError INTERNAL when the fragment is taken
   */
  add(usernameFragment: string, receiver: PacketReceiver): void {
    if (this.#byUsernameFragment.has(usernameFragment)) {
      throw new MediaError('INTERNAL', `The ICE username fragment ${usernameFragment} is taken by another session.`);
    }
    this.#byUsernameFragment.set(usernameFragment, receiver);
    const registration = this.#registrations.get(receiver) ?? { usernameFragments: new Set(), addresses: [] };
    registration.usernameFragments.add(usernameFragment);
    this.#registrations.set(receiver, registration);
  }

  /** Undoes {@link add}; with its last fragment a receiver also loses its addresses. */
  remove(usernameFragment: string, receiver: PacketReceiver): void {
    const registration = this.#registrations.get(receiver);
    if (!registration?.usernameFragments.delete(usernameFragment)) return;
    this.#byUsernameFragment.delete(usernameFragment);
    if (registration.usernameFragments.size > 0) return;
    for (const address of registration.addresses) this.#forget(address);
    this.#registrations.delete(receiver);
  }

  /**
   * Sends what comes from `from` to `receiver`. Call it only for an address that a STUN check has verified.
   * An address stays with the receiver that uses it: a check with a forged source must not take it away. One that
   * a session has left, a NAT may have given to another peer.
   * @param keep address that is not given up when there are too many, usually the one we send to
   * @returns false when another receiver uses the address, or this one is not added
   */
  bindAddress(receiver: PacketReceiver, from: PeerAddress, keep?: PeerAddress): boolean {
    const registration = this.#registrations.get(receiver);
    if (!registration) return false;
    const holder = this.#holderOf(from);
    if (holder && holder !== receiver) {
      if (from.connection || (holder.isUsing?.(from) ?? true)) {
        this.#counters.addressesTaken++;
        return false;
      }
      this.release(from);
    }
    if (holder !== receiver) this.#remember(from, receiver);
    moveToEnd(registration.addresses, from);
    if (registration.addresses.length > this.#maxAddresses) this.#evict(registration.addresses, from, keep);
    return true;
  }

  /** STUN answers with this transaction id go to `receiver`, until {@link forgetAnswer}. */
  expectAnswer(transactionId: Buffer, receiver: PacketReceiver): void {
    this.#byTransaction.set(transactionId.toString('latin1'), receiver);
  }

  forgetAnswer(transactionId: Buffer): void {
    this.#byTransaction.delete(transactionId.toString('latin1'));
  }

  /** Whoever has this address loses it, as when its TCP connection is gone. */
  readonly release = (gone: PeerAddress): void => {
    const holder = this.#holderOf(gone);
    if (!holder) return;
    this.#forget(gone);
    const addresses = this.#registrations.get(holder)?.addresses ?? [];
    const index = addresses.findIndex((address) => sameRemote(address, gone));
    if (index >= 0) addresses.splice(index, 1);
  };

  /** Takes one datagram; never throws. */
  readonly route = (datagram: Buffer, from: PeerAddress): void => {
    const first = datagram[0];
    if (first === undefined) this.#counters.dropped.unknownKind++;
    else if (first <= 3) this.#routeStun(datagram, from);
    else if (first >= 20 && first <= 63) this.#routeByAddress('onDtls', datagram, from);
    else if (first >= 128 && first <= 191 && datagram.length > 1) this.#routeByAddress(isRtcp(datagram) ? 'onRtcp' : 'onRtp', datagram, from);
    else this.#counters.dropped.unknownKind++;
  };

  #routeStun(datagram: Buffer, from: PeerAddress): void {
    const message = parseStunMessage(datagram);
    if (!message) {
      this.#counters.dropped.malformedStun++;
      return;
    }
    const receiver = this.#receiverOf(message);
    if (!receiver) return this.#dropStun(message, from);
    this.#counters.delivered++;
    try {
      receiver.onStun(message, from);
    } catch (error) {
      this.#reportReceiverError(error, 'onStun');
    }
  }

  #receiverOf(message: StunMessage): PacketReceiver | undefined {
    if (message.isAnswer) return this.#byTransaction.get(message.transactionId.toString('latin1'));
    return this.#byUsernameFragment.get(message.localUsernameFragment ?? '');
  }

  #dropStun(message: StunMessage, from: PeerAddress): void {
    if (message.isAnswer) {
      this.#counters.dropped.unexpectedAnswer++;
      return;
    }
    this.#counters.dropped.unknownUsernameFragment++;
    this.#refusals?.refuse(message, from);
  }

  #routeByAddress(kind: 'onDtls' | 'onRtp' | 'onRtcp', datagram: Buffer, from: PeerAddress): void {
    const receiver = this.#holderOf(from);
    if (!receiver) return this.#routeMoved(kind, datagram, from);
    this.#counters.delivered++;
    try {
      receiver[kind](datagram, from);
    } catch (error) {
      this.#reportReceiverError(error, kind);
    }
  }

  #routeMoved(kind: 'onDtls' | 'onRtp' | 'onRtcp', datagram: Buffer, from: PeerAddress): void {
    if (kind !== 'onDtls' && !from.connection && this.#isOfMovedPeer(kind, datagram, from)) this.#counters.delivered++;
    else this.#counters.dropped.unknownAddress++;
  }

  #isOfMovedPeer(kind: 'onRtp' | 'onRtcp', datagram: Buffer, from: PeerAddress): boolean {
    try {
      return this.#moved.offer(kind === 'onRtp' ? 'rtp' : 'rtcp', datagram, from);
    } catch (error) {
      this.#reportReceiverError(error, 'onMoved');
      return true;
    }
  }

  #reportReceiverError(error: unknown, handler: keyof PacketReceiver): void {
    const count = ++this.#counters.receiverErrors;
    if (isWorthLogging(count)) this.#logger.error({ err: error, handler, count }, 'A session failed on a datagram');
  }

  #holderOf({ address, port, connection }: PeerAddress): PacketReceiver | undefined {
    return connection ? this.#byConnection.get(connection) : this.#byAddress.get(port)?.get(address);
  }

  #remember({ address, port, connection }: PeerAddress, receiver: PacketReceiver): void {
    if (connection) {
      this.#byConnection.set(connection, receiver);
      connection.verified();
      return;
    }
    this.#moved.add(address, receiver);
    const samePort = this.#byAddress.get(port);
    if (samePort) samePort.set(address, receiver);
    else this.#byAddress.set(port, new Map([[address, receiver]]));
  }

  #forget({ address, port, connection }: PeerAddress): void {
    if (connection) {
      this.#byConnection.delete(connection);
      connection.close();
      return;
    }
    const samePort = this.#byAddress.get(port);
    const receiver = samePort?.get(address);
    if (receiver) this.#moved.remove(address, receiver);
    samePort?.delete(address);
    if (samePort?.size === 0) this.#byAddress.delete(port);
  }

  #evict(addresses: PeerAddress[], newest: PeerAddress, keep: PeerAddress | undefined): void {
    const oldest = addresses.findIndex((address) => !sameRemote(address, newest) && !(keep && sameRemote(address, keep)));
    const [evicted] = oldest < 0 ? [] : addresses.splice(oldest, 1);
    if (!evicted) return;
    this.#forget(evicted);
    this.#counters.addressesEvicted++;
  }
}

function moveToEnd(addresses: PeerAddress[], address: PeerAddress): void {
  const index = addresses.findIndex((other) => sameRemote(other, address));
  if (index >= 0) addresses.splice(index, 1);
  addresses.push(address);
}

/** Payload types 64 to 95 are left to RTCP on a shared port (RFC 5761 section 4). */
function isRtcp(datagram: Buffer): boolean {
  const type = datagram[1] ?? 0;
  return type >= 192 && type <= 223;
}
