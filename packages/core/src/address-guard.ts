import { type LookupAddress, lookup } from 'node:dns';
import { type LookupFunction, isIP } from 'node:net';

/** A host has no address that may be connected to. It does not say which it has: who named the host need not learn that. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
}

/** Keeps connections away from some addresses. */
export interface AddressGuard {
  /**
   * In place of `dns.lookup` for a socket: gives those addresses of a name that are allowed. What is checked is what is
   * connected to, so a name that leads elsewhere the next time (DNS rebinding) gets no further.
   */
  readonly lookup: LookupFunction;
  /** Why the host of a URL must not be connected to, for hosts that are addresses and are not looked up. */
  refusalOf(host: string): ForbiddenAddressError | undefined;
}

/** @param why the end of a sentence for a person: what forbids it */
export function addressGuard(isAllowed: (address: string) => boolean, why: string): AddressGuard {
  const refusal = (): ForbiddenAddressError => new ForbiddenAddressError(`its address is a private or special one, which ${why}`);
  return {
    lookup(host, options, callback) {
      lookup(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
        const allowed = error ? [] : addresses.filter(({ address }) => isAllowed(address));
        const [first] = allowed;
        if (error || !first) callback(error ?? refusal(), '', 0);
        else if (options.all) callback(null, allowed);
        else callback(null, first.address, first.family);
      });
    },
    refusalOf(host) {
      const address = host.replaceAll(/[[\]]/g, '');
      return isIP(address) === 0 || isAllowed(address) ? undefined : refusal();
    },
  };
}
