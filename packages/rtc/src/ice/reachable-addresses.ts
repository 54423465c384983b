import { isIP } from 'node:net';
import type { IceCandidate, RemoteAddress } from '@sluice/core';

/** Link-local addresses mean nothing without the interface, which a description does not say (RFC 4007 section 6). */
const LINK_LOCAL_IPV6 = /^fe[89ab][0-9a-f]:/i;

/** Where checks of ours can go, most preferred first: UDP, an IP address instead of a name, the component of all media. */
export function reachableAddresses(candidates: readonly IceCandidate[]): RemoteAddress[] {
  return candidates
    .filter(({ transport, component, address, port }) => transport === 'udp' && component === 1 && port > 0 && isIP(address) !== 0 && !LINK_LOCAL_IPV6.test(address))
    .toSorted((a, b) => b.priority - a.priority)
    .map(({ address, port }) => ({ address, port }));
}
