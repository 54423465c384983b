import { BlockList, isIP } from 'node:net';
import { MediaError } from './errors.ts';

/** An IPv4 address inside an IPv6 one (RFC 4291 section 2.5.5.2), as URLs write it. */
const IPV4_MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * The one text of an IP address: IPv6 as short as it gets (RFC 5952), without zone, and `::ffff:192.0.2.1` as the IPv4
 * address that it stands for.
 * @returns undefined for what is no address
 */
export function plainAddress(text: string): string | undefined {
  const version = isIP(text);
  if (version !== 6) return version === 4 ? text : undefined;
  const [address = ''] = text.split('%');
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = IPV4_MAPPED.exec(shortest) ?? [];
  return high === undefined || low === undefined ? shortest : [...bytesOf(high), ...bytesOf(low)].join('.');
}

/**
 * Makes a test of whether an address is one of these, or in one of these CIDR ranges.
 * @param setting names them in the error
 * @throws MediaError CONFIG_INVALID
 */
export function addressRanges(setting: string, ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const { address, length } = parseRange(setting, range);
    list.addSubnet(address, length, familyOf(address));
  }
  return (text) => {
    const address = plainAddress(text);
    return address !== undefined && list.check(address, familyOf(address));
  };
}

/**
 * Whether one of these ranges is all of IPv4 or all of IPv6, which most clients of a public server come from.
 * @param setting names them in the error
 * @throws MediaError CONFIG_INVALID
 */
export function includeWholeInternet(setting: string, ranges: readonly string[]): boolean {
  return ranges.some((range) => parseRange(setting, range).length === 0);
}

/** What a CIDR range is made of; `length` is that of the prefix. */
interface AddressRange {
  readonly address: string;
  readonly length: number;
}

function parseRange(setting: string, range: string): AddressRange {
  const [text = '', prefix, ...rest] = range.split('/');
  const version = isIP(text);
  const longest = version === 6 ? 128 : 32;
  const address = plainAddress(text) ?? text;
  // A range of IPv4-mapped addresses counts its prefix from the IPv6 address on.
  const skipped = version === 6 && isIP(address) === 4 ? 96 : 0;
  const length = (prefix === undefined ? longest : Number(prefix)) - skipped;
  if (version === 0 || rest.length > 0 || prefix === '' || !Number.isInteger(length) || length < 0 || length > longest - skipped) {
    throw new MediaError('CONFIG_INVALID', `${setting} takes IP addresses and CIDR ranges, not '${range}'.`);
  }
  return { address, length };
}

function bytesOf(hex: string): readonly [number, number] {
  const value = Number.parseInt(hex, 16);
  return [value >> 8, value & 0xff];
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
