import { type Logger, MediaError } from '@sluice/core';
import { type StunMessage, parseStunMessage } from '../ice/stun-message.ts';
import { isWorthLogging } from './log-limit.ts';
import { type PeerAddress, type PeerConnection, sameRemote } from './peer-address.ts';

const DEFAULT_MAX_ADDRESSES = 8;

/** Takes the datagrams of one session. What it throws is caught and counted. */
export interface PacketReceiver {
  onStun(message: StunMessage, from: PeerAddress): void;
  onDtls(datagram: Buffer, from: PeerAddress): void;
  onRtp(datagram: Buffer, from: PeerAddress): void;
  onRtcp(datagram: Buffer, from: PeerAddress): void;
}

/** What {@link PacketRouter} takes. */
export interface PacketRouterOptions {
  readonly logger: Logger;
  /** Remote addresses that one receiver may hold. Default 8. */
  readonly maxAddressesPerReceiver?: number | undefined;
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
    readonly malformedStun: number;
    /** The first byte is none of RFC 7983's, or there is nothing behind it. */
    readonly unknownKind: number;
  };
  /** Verified addresses that stayed with the receiver that had them. */
  readonly addressesTaken: number;
  /** Addresses that made room for newer ones of the same receiver. */
  readonly addressesEvicted: number;
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
  readonly #byUsernameFragment = new Map<string, PacketReceiver>();
  /** By port, then by address: a packet's lookup builds no key. */
  readonly #byAddress = new Map<number, Map<string, PacketReceiver>>();
  readonly #byConnection = new Map<PeerConnection, PacketReceiver>();
  readonly #registrations = new Map<PacketReceiver, Registration>();
  readonly #counters = {
    delivered: 0,
    receiverErrors: 0,
    dropped: { unknownAddress: 0, unknownUsernameFragment: 0, malformedStun: 0, unknownKind: 0 },
    addressesTaken: 0,
    addressesEvicted: 0,
  };

  constructor(options: PacketRouterOptions) {
    this.#logger = options.logger;
    this.#maxAddresses = options.maxAddressesPerReceiver ?? DEFAULT_MAX_ADDRESSES;
  }

  get counters(): PacketRouterCounters {
    return this.#counters;
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
   * An address stays with the receiver that has it: a check with a forged source must not take it away.
   * @param keep address that is not given up when there are too many, usually the one we send to
   * @returns false when another receiver has the address, or this one is not added
   */
  bindAddress(receiver: PacketReceiver, from: PeerAddress, keep?: PeerAddress): boolean {
    const registration = this.#registrations.get(receiver);
    if (!registration) return false;
    const holder = this.#holderOf(from);
    if (holder && holder !== receiver) {
      this.#counters.addressesTaken++;
      return false;
    }
    if (!holder) this.#remember(from, receiver);
    moveToEnd(registration.addresses, from);
    if (registration.addresses.length > this.#maxAddresses) this.#evict(registration.addresses, from, keep);
    return true;
  }

  /** The TCP connection of this address is gone; whoever has it loses it. */
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
    const receiver = this.#byUsernameFragment.get(message.localUsernameFragment ?? '');
    if (!receiver) {
      this.#counters.dropped.unknownUsernameFragment++;
      return;
    }
    this.#counters.delivered++;
    try {
      receiver.onStun(message, from);
    } catch (error) {
      this.#reportReceiverError(error, 'onStun');
    }
  }

  #routeByAddress(kind: 'onDtls' | 'onRtp' | 'onRtcp', datagram: Buffer, from: PeerAddress): void {
    const receiver = this.#holderOf(from);
    if (!receiver) {
      this.#counters.dropped.unknownAddress++;
      return;
    }
    this.#counters.delivered++;
    try {
      receiver[kind](datagram, from);
    } catch (error) {
      this.#reportReceiverError(error, kind);
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
