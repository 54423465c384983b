import type { HostCandidate } from '../udp/candidates.ts';
import type { IceCounters } from '../ice/ice-lite-agent.ts';

/** What was seen of a peer that did not get through. */
export interface ConnectEvidence {
  readonly ice: IceCounters;
  /** DTLS datagrams that came from a verified address. */
  readonly dtlsDatagrams: number;
  /** What our description offered. */
  readonly candidates: readonly HostCandidate[];
}

/** Why a peer did not connect, as far as it can be told from here, and what to do about it. */
export function whyNotConnected({ ice, dtlsDatagrams, candidates }: ConnectEvidence): string {
  const rejections = Object.entries(ice.rejected).filter(([, count]) => count > 0);
  if (ice.checks === 0 && rejections.length === 0) {
    return `no connectivity check came from it; it must reach one of ${addresses(candidates)} over ${protocols(candidates)} (firewall? NAT: set rtc.externalAddresses)`;
  }
  if (ice.checks === 0) {
    const reasons = rejections.map(([reason, count]) => `${reason} ${count}`).join(', ');
    return `none of its connectivity checks was accepted (${reasons}); does it use the answer of this session?`;
  }
  if (dtlsDatagrams === 0) return `${ice.checks} of its connectivity checks were answered, but it never began DTLS; do our answers reach it?`;
  return `its connectivity checks were answered and DTLS began, but the handshake did not finish`;
}

function addresses(candidates: readonly HostCandidate[]): string {
  const all = candidates.map(({ address, port }) => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`));
  return [...new Set(all)].join(', ');
}

function protocols(candidates: readonly HostCandidate[]): string {
  return candidates.some(({ protocol }) => protocol === 'tcp') ? 'UDP or TCP' : 'UDP';
}
