import { type LookupAddress, lookup } from 'node:dns';
import { type LookupFunction, isIP } from 'node:net';
import { isLoopbackAddress, isPrivateAddress, plainAddress } from '@sluice/core';
import { buildConnector } from 'undici';

/** "This network" (RFC 1122) reaches the machine itself. */
const UNSPECIFIED = /^(0\.|::$)/;

/** Whether only this machine, or its own network, has the address. */
export function isInternalAddress(text: string): boolean {
  const address = plainAddress(text) ?? text;
  return isLoopbackAddress(address) || isPrivateAddress(address) || UNSPECIFIED.test(address);
}

/** A host name resolves to, or is, an address that must not be connected to. */
export class InternalAddressError extends Error {
  override readonly name = 'InternalAddressError';
}

/**
 * Connects to public addresses only. What is checked is the address that the connection is made to, so a name that
 * resolves differently the next time (DNS rebinding) gets no further.
 */
export function guardedConnector(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector({ ...options, lookup: guardedLookup });
  return (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, '');
    // An address needs no look-up.
    if (isIP(host) !== 0 && isInternalAddress(host)) callback(new InternalAddressError(refusalOf(host)), null);
    else connect(target, callback);
  };
}

const guardedLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const allowed = error ? [] : addresses.filter(({ address }) => !isInternalAddress(address));
    const [first] = allowed;
    if (error || !first) callback(error ?? new InternalAddressError(refusalOf(host)), '', 0);
    else if (options.all) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};

function refusalOf(host: string): string {
  return `${host} is at a loopback or private address, which denyPrivateAddresses forbids.`;
}
