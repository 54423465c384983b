import type { TransportState } from './media.ts';
import type { HistogramSample } from './metrics.ts';

/** A candidate of either side. */
export interface DiagnosedCandidate {
  /** `udp` or `tcp`. */
  readonly protocol: string;
  /** An IP address without brackets, or a name that hides one (`….local`, mDNS). */
  readonly address: string;
  readonly port: number;
  /** `host`, `srflx`, `prflx`, `relay` (RFC 8445 section 5.1.1). */
  readonly type: string;
}

/** The connectivity checks that came from one address. */
export interface DiagnosedChecks {
  readonly address: string;
  readonly port: number;
  readonly protocol: 'udp' | 'tcp';
  readonly accepted: number;
  /** Those that were refused, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Whether the peer nominated this address with one of them. */
  readonly nominated: boolean;
  /** Wall clock, milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** The way that packets take. */
export interface DiagnosedPair {
  readonly protocol: 'udp' | 'tcp';
  /** Where the peer writes to; the address is undefined when one socket stands for all of them. */
  readonly local: { readonly address: string | undefined; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
  /** Whether the peer has nominated it; before that it is the first address that was verified. */
  readonly nominated: boolean;
  /** Wall clock, milliseconds. */
  readonly since: number;
  /** How often the peer has moved from one address to another. */
  readonly moves: number;
}

/** How far the handshake came. */
export interface DiagnosedDtls {
  /** `waiting` = nothing has come from the peer. */
  readonly state: 'waiting' | 'handshake' | 'connected';
  /** Ours; undefined before both descriptions are known. */
  readonly role: 'client' | 'server' | undefined;
  readonly datagramsReceived: number;
  /** Wall clock, milliseconds. */
  readonly firstAt: number | undefined;
  readonly connectedAt: number | undefined;
}

/** Why a transport is connected or not: what each side offered, what came, and what became of it. */
export interface TransportDiagnosis {
  readonly state: TransportState;
  /** One sentence: why it has closed, or what it waits for; undefined while it is connected. */
  readonly reason: string | undefined;
  /** Wall clock, milliseconds. */
  readonly startedAt: number;
  readonly connectedAt: number | undefined;
  readonly closedAt: number | undefined;
  readonly localCandidates: readonly DiagnosedCandidate[];
  /** Of the peer's description and trickled ones, oldest first. */
  readonly remoteCandidates: readonly DiagnosedCandidate[];
  /** By address, oldest first. */
  readonly checks: readonly DiagnosedChecks[];
  readonly pair: DiagnosedPair | undefined;
  readonly dtls: DiagnosedDtls;
  /** What did not fit into the lists above. */
  readonly unlisted: { readonly remoteCandidates: number; readonly checks: number };
}

/** RTP of all transports that an engine has had, headers of packets not counted. Counters only grow. */
export interface MediaTotals {
  readonly received: {
    readonly packets: number;
    readonly bytes: number;
    /** Packets that never came, retransmissions taken off. */
    readonly lost: number;
    /** Lost packets that came after all. */
    readonly retransmitted: number;
    /** Requests that we sent to publishers. */
    readonly nacks: number;
    readonly plis: number;
    readonly firs: number;
    /** Packets that were not passed on, by reason. */
    readonly dropped: Readonly<Record<string, number>>;
  };
  readonly sent: {
    readonly packets: number;
    readonly bytes: number;
    readonly retransmitted: number;
    /** Requests that viewers sent to us. */
    readonly nacks: number;
    readonly plis: number;
    readonly firs: number;
    /** Packets that viewers were not sent, by reason. */
    readonly dropped: Readonly<Record<string, number>>;
  };
  readonly transport: {
    /** Datagrams' content, of verified peers. */
    readonly bytesReceived: number;
    readonly bytesSent: number;
    /** Datagrams of sessions that were dropped, by reason. */
    readonly dropped: Readonly<Record<string, number>>;
  };
}

/** Counters of everything that comes to the port of an engine, since its start. */
export interface EngineStats {
  /** How packets are encrypted and sent: `native` or `portable`. */
  readonly tier: string;
  readonly transports: number;
  readonly packetsReceived: number;
  readonly packetsSent: number;
  /** Datagrams that reached a transport. */
  readonly delivered: number;
  /** What reached nobody, was not sent, or was not answered, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Requests without valid credentials that were answered with an error (RFC 8489 section 9.1.3). */
  readonly refusalsSent: number;
  readonly media: MediaTotals;
  /** From a packet's arrival until it was sent to viewers (or given to a worker for that), seconds; of every eighth flush, its oldest packet. */
  readonly forwardTimes: HistogramSample;
  /** Threads that encrypt and send beside the main one. */
  readonly workers: number;
  /** Such threads that have crashed, and were replaced. */
  readonly workerCrashes: number;
}
