import { type DiagnosedCandidate, isLoopbackAddress, isPrivateAddress } from '@sluice/core';
import type { IceCounters } from '../ice/ice-counters.ts';
import type { HostCandidate } from '../udp/candidates.ts';

/** What was seen of a peer that did not get through. */
export interface ConnectEvidence {
  readonly ice: IceCounters;
  /** DTLS datagrams that came from a verified address. */
  readonly dtlsDatagrams: number;
  /** What our description offered. */
  readonly candidates: readonly HostCandidate[];
  /** The peer's. */
  readonly remoteCandidates: readonly DiagnosedCandidate[];
}

/** Why a peer did not connect, as far as it can be told from here, and what to do about it. */
export function whyNotConnected(evidence: ConnectEvidence): string {
  const { ice, dtlsDatagrams } = evidence;
  if (ice.addressesAsked > 0 && dtlsDatagrams === 0) {
    return `none of the ${ice.addressesAsked} addresses in its answer answered our connectivity checks, or it never began DTLS (${addresses(evidence.remoteCandidates)}); firewall, or addresses that only its own network reaches?`;
  }
  const rejections = Object.entries(ice.rejected).filter(([, count]) => count > 0);
  if (ice.checks === 0 && rejections.length === 0) return whyNotReached(evidence);
  if (ice.checks === 0) {
    const reasons = rejections.map(([reason, count]) => `${reason} ${count}`).join(', ');
    return `none of its connectivity checks was accepted (${reasons}); does it use the answer of this session?`;
  }
  if (dtlsDatagrams === 0) return `${ice.checks} of its connectivity checks were answered, but it never began DTLS; do our answers reach it?`;
  return `its connectivity checks were answered and DTLS began, but the handshake did not finish`;
}

function whyNotReached({ candidates, remoteCandidates }: ConnectEvidence): string {
  const where = `no connectivity check came from it; it must reach one of ${addresses(candidates)} over ${protocols(candidates)}`;
  return `${where} (${hintFor(candidates, remoteCandidates)})`;
}

function hintFor(ours: readonly HostCandidate[], theirs: readonly DiagnosedCandidate[]): string {
  if (ours.every(({ address }) => isLoopbackAddress(address))) return 'which only this machine can: set rtc.externalAddresses';
  if (!ours.every(({ address }) => isLoopbackAddress(address) || isPrivateAddress(address))) return 'firewall? NAT: set rtc.externalAddresses';
  const isOutside = theirs.some(({ type, address }) => type !== 'host' && !isPrivateAddress(address));
  return isOutside ? 'which are private, and it is behind another NAT: set rtc.externalAddresses' : 'which are private: set rtc.externalAddresses; firewall?';
}

function addresses(candidates: readonly { readonly address: string; readonly port: number }[]): string {
  const all = candidates.map(({ address, port }) => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`));
  return [...new Set(all)].join(', ');
}

function protocols(candidates: readonly HostCandidate[]): string {
  return candidates.some(({ protocol }) => protocol === 'tcp') ? 'UDP or TCP' : 'UDP';
}
