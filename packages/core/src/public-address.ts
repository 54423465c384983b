import { isIP } from 'node:net';
import { addressRanges } from './address-ranges.ts';

/** IANA's IPv4 special-purpose registry (RFC 6890), multicast, the former class E, and relays of 6to4 (RFC 7526). */
const SPECIAL_IPV4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24',
  '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
];

/**
 * The IPv6 registry, multicast and the former site-local addresses (RFC 3879). Among them those that stand for an IPv4
 * address which a router on the way may be asked by: compatible, translated, NAT64, Teredo (in 2001::/23) and 6to4.
 * IPv4-mapped ones are judged by the address that they stand for.
 */
const SPECIAL_IPV6 = [
  '::/96', '::ffff:0:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '100:0:0:1::/64', '2001::/23', '2001:db8::/32',
  '2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8',
];

const isSpecial = addressRanges('The list of special addresses', [...SPECIAL_IPV4, ...SPECIAL_IPV6]);

/** Whether the text is an IP address that a host on the internet can have, and not one of a special purpose. */
export function isPublicAddress(text: string): boolean {
  return isIP(text) !== 0 && !isSpecial(text);
}
