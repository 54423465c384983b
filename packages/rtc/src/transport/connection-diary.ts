import { type Clock, type DiagnosedCandidate, type DiagnosedPair, type IceCandidate, type TransportDiagnosis, type TransportState, parseCandidate } from '@sluice/core';
import type { IceLiteAgent } from '../ice/ice-lite-agent.ts';
import type { HostCandidate } from '../udp/candidates.ts';
import { whyNotConnected } from './connect-failure.ts';
import type { SecureLink } from './secure-link.ts';

/** What a {@link ConnectionDiary} stands on. */
export interface DiaryOptions {
  readonly clock: Clock;
  readonly link: SecureLink;
  /** What our description offers. */
  readonly candidates: readonly HostCandidate[];
  readonly port: number;
  /** Candidates of the peer that are kept. */
  readonly maxEntries: number;
}

/** Keeps what is asked for when a peer does not connect: who offered what, and when what happened. */
export class ConnectionDiary {
  readonly #options: DiaryOptions;
  readonly #startedAt: number;
  readonly #remoteCandidates = new Map<string, DiagnosedCandidate>();
  #unlistedCandidates = 0;
  #closed: { readonly at: number; readonly reason: string } | undefined;

  constructor(options: DiaryOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /** Of the peer's description. */
  addCandidates(candidates: readonly IceCandidate[]): void {
    for (const candidate of candidates) this.#add(candidate);
  }

  /** @throws MediaError CANDIDATE_MALFORMED */
  addTrickled(line: string): IceCandidate {
    const candidate = parseCandidate(line);
    this.#add(candidate);
    return candidate;
  }

  closed(reason: string): void {
    this.#closed = { at: this.#options.clock.now(), reason };
  }

  /** Why the peer has not connected so far, and what to do about it. */
  whyNotConnected(): string {
    const { link, candidates } = this.#options;
    return whyNotConnected({ ice: link.ice.counters, dtlsDatagrams: link.dtls.datagramsReceived, candidates, remoteCandidates: [...this.#remoteCandidates.values()] });
  }

  read(state: TransportState): TransportDiagnosis {
    const { link, candidates } = this.#options;
    const isUp = state === 'connected' || state === 'disconnected';
    return {
      state,
      reason: this.#closed?.reason ?? (isUp ? undefined : this.whyNotConnected()),
      startedAt: this.#startedAt,
      connectedAt: link.dtls.connectedAt,
      closedAt: this.#closed?.at,
      localCandidates: candidates.map(({ protocol, address, port }) => ({ protocol, address, port, type: 'host' })),
      remoteCandidates: [...this.#remoteCandidates.values()],
      checks: link.ice.checks,
      pair: pairOf(link.ice, this.#options.port),
      dtls: link.dtls,
      unlisted: { remoteCandidates: this.#unlistedCandidates, checks: link.ice.unlistedChecks },
    };
  }

  #add({ transport: protocol, address, port, type }: IceCandidate): void {
    const key = `${protocol} ${type} ${port} ${address}`;
    if (this.#remoteCandidates.has(key)) return;
    if (this.#remoteCandidates.size >= this.#options.maxEntries) this.#unlistedCandidates++;
    else this.#remoteCandidates.set(key, { protocol, address, port, type });
  }
}

function pairOf({ path, nominated, counters }: IceLiteAgent, port: number): DiagnosedPair | undefined {
  if (!path) return undefined;
  const { address, since } = path;
  return {
    protocol: address.connection ? 'tcp' : 'udp',
    local: { address: address.localAddress, port },
    remote: { address: address.address, port: address.port },
    nominated,
    since,
    moves: counters.moves,
  };
}
