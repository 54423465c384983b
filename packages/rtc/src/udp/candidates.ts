import { isIP, isIPv6 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { MediaError, isLoopbackAddress, isPrivateAddress } from '@sluice/core';

const HOST_TYPE_PREFERENCE = 126;
/** Below all candidates over UDP, which serves media better (RFC 6544 section 4.2). */
const TCP_HOST_TYPE_PREFERENCE = 90;
/** Upper three bits of the local preference (RFC 6544 section 4.2). */
const PASSIVE_DIRECTION_PREFERENCE = 4;
const MAX_OTHER_PREFERENCE = 8191;
const MAX_LOCAL_PREFERENCE = 65_535;
const RTP_COMPONENT = 1;
const WILDCARDS = { ipv4: '0.0.0.0', ipv6: '::' } as const;
const LOOPBACK_IPV4 = '127.0.0.1';

/** A host candidate of this server (RFC 8445 section 5.1.1.1), always component 1; over TCP the passive side. */
export interface HostCandidate {
  readonly address: string;
  readonly port: number;
  readonly protocol: 'udp' | 'tcp';
  readonly family: 'ipv4' | 'ipv6';
  readonly priority: number;
  readonly foundation: string;
}

/** What {@link localCandidateAddresses} takes. */
export interface CandidateOptions {
  readonly port: number;
  /** The addresses that are bound; `0.0.0.0` and `::` stand for all of their family. Default: both. */
  readonly addresses?: readonly string[] | undefined;
  /** Addresses under which clients reach this machine through a NAT; they are preferred. */
  readonly externalAddresses?: readonly string[] | undefined;
  /** Whether private addresses of this machine are offered beside external ones, for clients in its own network. Default true. */
  readonly privateCandidates?: boolean | undefined;
  /** Whether the port is open for TCP too. Default false. */
  readonly tcp?: boolean | undefined;
  /** What `os.networkInterfaces()` gives; for tests. */
  readonly interfaces?: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>> | undefined;
}

/**
 * The candidates to offer, best first: external addresses, then IPv4, then
 * IPv6 of the network interfaces (beside external ones not the private of them, if so wanted), then loopback unless external addresses are given.
 * With TCP, the same again over it.
 * @throws MediaError CONFIG_INVALID when an external address is no IP address
 */
export function localCandidateAddresses(options: CandidateOptions): readonly HostCandidate[] {
  const external = options.externalAddresses ?? [];
  for (const address of external) checkAddress(address);

  const local = boundAddresses(options);
  const keepsPrivate = external.length === 0 || (options.privateCandidates ?? true);
  const reachable = local.filter((address) => !isLoopbackAddress(address) && (keepsPrivate || !isPrivateAddress(address)));
  const loopback = external.length > 0 ? [] : local.filter(isLoopbackAddress);
  const ordered = new Set([...external, ...ipv4First(reachable), ...ipv4First(loopback)]);
  const udp = Array.from(ordered, (address, index) => hostCandidate(address, options.port, index));
  return options.tcp ? [...udp, ...udp.map((candidate, index) => overTcp(candidate, index, udp.length))] : udp;
}

/** Each address is a base of its own, so foundations and priorities are all distinct (RFC 8445 sections 5.1.1.3, 5.1.2.1). */
function hostCandidate(address: string, port: number, index: number): HostCandidate {
  const localPreference = MAX_LOCAL_PREFERENCE - index;
  return {
    address,
    port,
    protocol: 'udp',
    family: isIPv6(address) ? 'ipv6' : 'ipv4',
    priority: priorityOf(HOST_TYPE_PREFERENCE, localPreference),
    foundation: String(index + 1),
  };
}

/** Foundations differ by protocol too (RFC 8445 section 5.1.1.3). */
function overTcp(candidate: HostCandidate, index: number, udpCandidates: number): HostCandidate {
  const localPreference = PASSIVE_DIRECTION_PREFERENCE * 2 ** 13 + MAX_OTHER_PREFERENCE - index;
  const priority = priorityOf(TCP_HOST_TYPE_PREFERENCE, localPreference);
  return { ...candidate, protocol: 'tcp', priority, foundation: String(udpCandidates + index + 1) };
}

function priorityOf(typePreference: number, localPreference: number): number {
  return typePreference * 2 ** 24 + localPreference * 2 ** 8 + (256 - RTP_COMPONENT);
}

function boundAddresses(options: CandidateOptions): string[] {
  const bound = options.addresses ?? Object.values(WILDCARDS);
  const explicit = bound.filter((address) => address !== WILDCARDS.ipv4 && address !== WILDCARDS.ipv6);
  const ofInterfaces = Object.values(options.interfaces ?? networkInterfaces())
    .flatMap((infos) => infos ?? [])
    .filter((info) => !info.internal && !isLinkLocalIpv6(info.address))
    .map((info) => info.address)
    .filter((address) => bound.includes(isIPv6(address) ? WILDCARDS.ipv6 : WILDCARDS.ipv4));
  // One loopback address is enough for a client on this machine, and every client has IPv4 there.
  const loopback = bound.includes(WILDCARDS.ipv4) ? [LOOPBACK_IPV4] : [];
  return [...explicit, ...ofInterfaces, ...loopback];
}

/** IPv4 before IPv6: a machine may answer from another of its IPv6 addresses than the one that was asked, which fails the check. */
function ipv4First(addresses: readonly string[]): string[] {
  return [...addresses.filter((address) => !isIPv6(address)), ...addresses.filter((address) => isIPv6(address))];
}

/** fe80::/10; useless to a client without a zone, and a zone has no meaning on its machine. */
function isLinkLocalIpv6(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address);
}

function checkAddress(address: string): void {
  if (isIP(address) !== 0) return;
  throw new MediaError('CONFIG_INVALID', `"${address}" is no IP address; external addresses must be IPv4 or IPv6 addresses, not names.`);
}
